/** A caller's webhook waits for this: six budgets reserved at once, on the embedded database over HTTP. */
import { createDynamoAlertStore, createDynamoBudgetStore } from '#adapters/dynamodb/budget-store.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { systemClock } from '#adapters/system-clock/clock.ts';
import { createBudgetGuard } from '#core/costs/budget-guard.ts';
import { budgetSettingsSchema } from '#core/costs/budgets.ts';
import { startTestDatabase, tableNames } from '#tests/support/embedded-database.ts';
import { createRecordingTelemetry } from '#tests/support/scripted-ports.ts';
import { type Percentiles, percentilesOf } from '../support/percentiles.ts';

const checks = 1_000;
const warmUp = 50;
const plenty = { dayUsd: 1e6, monthUsd: 1e6 };

export async function measureBudgetCheck(): Promise<Percentiles> {
  const database = await startTestDatabase();
  const documents = createDynamoDocuments({ region: 'us-east-1', endpoint: database.url });
  const table = { documents, table: tableNames.costs, now: () => new Date() };
  const guard = createBudgetGuard({
    settings: budgetSettingsSchema.parse({ stage: plenty, key: plenty, caller: plenty }),
    budgets: createDynamoBudgetStore(table),
    alerts: createDynamoAlertStore(table),
    clock: systemClock,
    telemetry: createRecordingTelemetry(),
    onFailure: (error) => {
      throw error;
    },
  });
  const times: number[] = [];
  for (let i = 0; i < checks + warmUp; i += 1) {
    const startedMs = performance.now();
    await guard.reserve(guard.accounts({ keyId: 'crm', callerHash: `caller-${i % 200}` }));
    if (i >= warmUp) times.push(performance.now() - startedMs);
  }
  documents.destroy();
  await database.close();
  return percentilesOf(times);
}
