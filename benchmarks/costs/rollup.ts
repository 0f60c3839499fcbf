/** A day of many calls added up on the embedded database: time, and what DynamoDB would bill for it. */
import assert from 'node:assert/strict';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { toRecordItem } from '#adapters/dynamodb/call-items.ts';
import { createDynamoCallStore } from '#adapters/dynamodb/call-store.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { createDynamoCostStore } from '#adapters/dynamodb/cost-store.ts';
import { createLedger } from '#core/costs/ledger.ts';
import { defaultPrices } from '#core/costs/prices.ts';
import { platform } from '#core/costs/totals.ts';
import { callSidSchema } from '#core/ids.ts';
import { roles } from '#core/personas/role.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import { rollUpDays } from '#lambdas/costs/roll-up.ts';
import { startTestDatabase, tableNames } from '#tests/support/embedded-database.ts';
import { createRecordingTelemetry } from '#tests/support/scripted-ports.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';

const day = '2026-11-20';
const batchItems = 25;
const writers = 8;
/** Callers who call again: three calls each. */
const callsPerCaller = 3;
const dayMs = 86_400_000;
const callMs = 180_000;

export interface RollupFigures {
  readonly calls: number;
  readonly callers: number;
  readonly fillSecs: number;
  readonly rollupSecs: number;
  readonly againSecs: number;
  readonly summaryMs: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly rssMb: number;
}

function recordOf(i: number, calls: number): CallRecord {
  const callSid = callSidSchema.parse(`CA${i.toString(16).padStart(32, '0')}`);
  const startedAtMs = Date.parse(`${day}T00:00:00Z`) + Math.floor((i / calls) * dayMs);
  const startedAt = new Date(startedAtMs).toISOString();
  const endedAt = new Date(startedAtMs + callMs).toISOString();
  const ledger = createLedger({ callSid, prices: defaultPrices });
  const at = new Date(startedAtMs);
  const tokens = {
    inputTokens: 900,
    cacheWrite5mTokens: 1_500,
    cacheWrite1hTokens: 0,
    cacheReadTokens: 40_000,
  };
  ledger.record(
    {
      kind: 'model',
      model: 'claude-haiku-5-5',
      usage: { ...tokens, outputTokens: 700 },
      outcome: 'used',
      estimated: false,
    },
    at,
  );
  ledger.record({ kind: 'recognition', seconds: 180 }, at);
  ledger.record({ kind: 'call-leg', direction: 'inbound', seconds: 180 }, at);
  return {
    callSid,
    status: 'completed',
    role: roles[i % roles.length] ?? 'parent',
    direction: 'inbound',
    numberMasked: '+1******0100',
    callerHash: `hash-${Math.floor(i / callsPerCaller)}`.padEnd(32, '0'),
    startedAt,
    aliveAt: endedAt,
    endedAt,
    durationSecs: 180,
    turnCount: 12,
    outcome: 'completed',
    costSummary: ledger.summary(),
    expiresAt: 4_000_000_000,
  };
}

export async function measureRollup(calls: number): Promise<RollupFigures> {
  const database = await startTestDatabase();
  // The embedded database takes longer for a page than DynamoDB does.
  const documents = createDynamoDocuments({
    region: 'us-east-1',
    endpoint: database.url,
    requestTimeoutMs: 30_000,
  });
  const units = { read: 0, write: 0 };
  documents.middlewareStack.add(
    (next, context) => async (args) => {
      Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' });
      const result = await next(args);
      const { ConsumedCapacity: told } = result.output as { ConsumedCapacity?: unknown };
      const sum = [told].flat().reduce((total: number, one) => {
        const { CapacityUnits: more } = (one ?? {}) as { CapacityUnits?: number };
        return total + (more ?? 0);
      }, 0);
      units[/Query|Get/.test(context.commandName ?? '') ? 'read' : 'write'] += sum;
      return result;
    },
    { step: 'initialize' },
  );
  const clock = createVirtualClock(new Date('2026-11-21T06:00:00Z'));
  const now = () => clock.now();
  const store = createDynamoCallStore({ documents, table: tableNames.calls, cursorSecret: '', now });
  const costs = createDynamoCostStore({
    documents,
    table: tableNames.costs,
    callsTable: tableNames.calls,
    now,
  });

  let startedMs = performance.now();
  let next = 0;
  const writer = async () => {
    while (next < calls) {
      const from = next;
      next += batchItems;
      const items = Array.from({ length: Math.min(batchItems, calls - from) }, (_, k) => ({
        PutRequest: { Item: toRecordItem(recordOf(from + k, calls)) },
      }));
      await documents.send(new BatchWriteCommand({ RequestItems: { [tableNames.calls]: items } }));
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  const fillSecs = (performance.now() - startedMs) / 1000;

  Object.assign(units, { read: 0, write: 0 });
  const services = { clock, costs, store, telemetry: createRecordingTelemetry() };
  startedMs = performance.now();
  await rollUpDays([day], services);
  const rollupSecs = (performance.now() - startedMs) / 1000;
  const { read: readUnits, write: writeUnits } = units;
  const once = await costs.totals([day, '2026-11'], platform);

  startedMs = performance.now();
  await rollUpDays([day], services);
  const againSecs = (performance.now() - startedMs) / 1000;
  // Keys and entries come back in any order.
  assert.deepStrictEqual(await costs.totals([day, '2026-11'], platform), once);

  startedMs = performance.now();
  await costs.totals([day], platform);
  const summaryMs = performance.now() - startedMs;
  const callers = Math.ceil(calls / callsPerCaller);
  const rssMb = Math.round(process.memoryUsage.rss() / 2 ** 20);
  documents.destroy();
  await database.close();
  return { calls, callers, fillSecs, rollupSecs, againSecs, summaryMs, readUnits, writeUnits, rssMb };
}
