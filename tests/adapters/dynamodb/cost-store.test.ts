import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDynamoCostStore } from '#adapters/dynamodb/cost-store.ts';
import { type NamedTotals, noTotals } from '#core/costs/totals.ts';
import { tableNames } from '#tests/support/embedded-database.ts';
import { useDatabase } from '#tests/support/use-database.ts';

const database = useDatabase();

test('what a month of groups costs to read does not depend on the number of callers', async () => {
  let units = 0;
  database.documents.client.middlewareStack.add(
    (next) => async (args) => {
      Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' });
      const result = await next(args);
      const { ConsumedCapacity: told } = result.output as { ConsumedCapacity?: unknown };
      for (const one of [told].flat()) units += (one as { CapacityUnits?: number })?.CapacityUnits ?? 0;
      return result;
    },
    { step: 'initialize' },
  );
  const costs = createDynamoCostStore({
    documents: database.documents,
    table: tableNames.costs,
    callsTable: tableNames.calls,
    now: () => new Date('2026-11-21T12:00:00Z'),
  });
  const named = (name: string): NamedTotals => [name, noTotals];
  const groups = ['PLATFORM', 'ROLE#judge', 'ROLE#parent', 'KEY#crm', 'SERVICE#twilio'].map(named);
  const callers = Array.from({ length: 1_000 }, (_, i) => named(`CALLER#${i}`));
  await costs.replaceTotals('2026-11-19', new Map(groups));
  await costs.replaceTotals('2026-11-20', new Map([...groups, ...callers]));

  const unitsOf = async (day: string) => {
    units = 0;
    await costs.totals([day], 'PLATFORM');
    for (const kind of ['ROLE', 'KEY', 'SERVICE'] as const) await costs.totalsBy(day, kind);
    return units;
  };

  const [few, many] = [await unitsOf('2026-11-19'), await unitsOf('2026-11-20')];
  assert.ok(few > 0);
  assert.equal(many, few);
});
