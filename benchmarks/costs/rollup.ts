/** A day of many calls added up with its month on the embedded database: time, memory, and what DynamoDB would bill. */
import assert from 'node:assert/strict';
import { toRecordItem } from '#adapters/dynamodb/call-items.ts';
import type { Documents } from '#adapters/dynamodb/documents.ts';
import { firstDayOf, lastDayOf, startOfDay } from '#core/costs/days.ts';
import { tableNames } from '#tests/support/embedded-database.ts';
import { createRandom } from '#tests/support/random.ts';
import { startDatabaseProcess } from '../support/database.ts';
import { callOf, openTables, writeDays } from './large-stage.ts';
import { type RollupRun, runRollup } from './rollup-process.ts';

const day = '2026-11-20';
const batchItems = 25;
const writers = 8;
/** Callers who call again: three calls each. */
const callsPerCaller = 3;
const dayMs = 86_400_000;

export interface RollupFigures {
  readonly calls: number;
  readonly callers: number;
  /** Callers of each of the other days of the month, whose totals are there already. */
  readonly otherCallers: number;
  readonly first: RollupRun;
  readonly again: RollupRun;
}

async function writeCalls(documents: Documents, calls: number): Promise<void> {
  const random = createRandom(7);
  const begin = startOfDay(day).getTime();
  const itemOf = (i: number) =>
    toRecordItem(
      callOf(i, begin + Math.floor((i / calls) * (dayMs - 200_000)), Math.floor(i / callsPerCaller), random),
    );
  let next = 0;
  const writer = async () => {
    while (next < calls) {
      const from = next;
      next += batchItems;
      const batch = Array.from({ length: Math.min(batchItems, calls - from) }, (_, k) => ({
        PutRequest: { Item: itemOf(from + k) },
      }));
      await documents.batchWrite({ RequestItems: { [tableNames.calls]: batch } });
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
}

export async function measureRollup(
  calls: number,
  otherCallers: number,
  say: (text: string) => void,
): Promise<RollupFigures> {
  const database = await startDatabaseProcess();
  const tables = openTables(database.url);
  const month = { from: firstDayOf(day), to: lastDayOf(day.slice(0, 'yyyy-mm'.length)) };
  await writeDays({ ...month, callers: otherCallers, callsPerDay: otherCallers }, tables, say);
  say('  calls of the day');
  await writeCalls(tables.documents, calls);
  tables.documents.destroy();
  say('  rollup');
  const first = await runRollup(database.url, day);
  const again = await runRollup(database.url, day);
  assert.deepStrictEqual(again.whole, first.whole);
  await database.close();
  return { calls, callers: Math.ceil(calls / callsPerCaller), otherCallers, first, again };
}
