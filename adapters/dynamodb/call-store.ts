/** The call store over the `calls` table: one conditional write per rule, no transactions. */
import type { CallSid } from '#core/ids.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import { writeBatches } from './batches.ts';
import {
  costPrefix,
  dayOf,
  daysKey,
  recordKey,
  recordKeyOf,
  toCostEvent,
  toLiveRecord,
  toRecordItem,
  toTurn,
  turnPrefix,
} from './call-items.ts';
import { listCalls, listStale } from './call-lists.ts';
import { keysOf, livePartsOf, putCostEvents, putTurn } from './call-parts.ts';
import type { CallTable } from './call-table.ts';
import { applyStatus, createFinish, reviseSummary, update } from './call-updates.ts';
import { conditional, request } from './failures.ts';

/** A process lives for weeks; it need not remember more days than that. */
const daysRememberedMax = 60;
/** The day of a call goes after the last record of the day has gone. */
const dayKeptLongerSecs = 2 * 86_400;

export function createDynamoCallStore(calls: CallTable): CallStore {
  const noteDay = createDayNotes(calls);
  const find = (callSid: CallSid) => findRecord(calls, callSid);
  return {
    async create(record) {
      // First the day: a record whose day nobody noted would be missing from the list of all calls.
      await noteDay(record);
      return createRecord(calls, record);
    },
    find,
    update: (callSid, change) => update(calls, callSid, change),
    applyStatus: (callSid, status, applied) => applyStatus(calls, callSid, status, applied),
    finish: createFinish(calls),
    reviseSummary: (callSid, costSummary) => reviseSummary(calls, callSid, costSummary),
    putTurn: async (callSid, turn) => putTurn(calls, callSid, turn, (await find(callSid))?.expiresAt),
    turns: async (callSid) => (await livePartsOf(calls, callSid, turnPrefix)).map(toTurn),
    putCostEvents: (events) =>
      putCostEvents(calls, events, async (callSid) => (await find(callSid))?.expiresAt),
    costEvents: async (callSid) => (await livePartsOf(calls, callSid, costPrefix)).map(toCostEvent),
    list: (query) => listCalls(calls, query),
    listStale: (stale) => listStale(calls, stale),
    delete: (callSid) => deleteCall(calls, callSid),
  };
}

/** Writes one `DAYS` item per day and process. */
function createDayNotes({ documents, table }: CallTable): (record: CallRecord) => Promise<void> {
  const written = new Set<string>();
  return async ({ startedAt, expiresAt }) => {
    const day = dayOf(startedAt);
    if (written.has(day)) return;
    const item = { pk: daysKey, sk: day, expiresAt: expiresAt + dayKeptLongerSecs };
    await request(() => documents.put({ TableName: table, Item: item }));
    if (written.size >= daysRememberedMax) written.clear();
    written.add(day);
  };
}

const createRecord = ({ documents, table }: CallTable, record: CallRecord): Promise<boolean> =>
  conditional(() =>
    documents.put({
      TableName: table,
      Item: toRecordItem(record),
      ConditionExpression: 'attribute_not_exists(pk)',
    }),
  );

async function findRecord(
  { documents, table, now }: CallTable,
  callSid: CallSid,
): Promise<CallRecord | undefined> {
  const { Item: item } = await request(() =>
    documents.get({
      TableName: table,
      Key: recordKeyOf(callSid),
      ConsistentRead: true,
    }),
  );
  return toLiveRecord(item, now());
}

/** The record goes last, so that a deletion that was cut off can be repeated. */
async function deleteCall(calls: CallTable, callSid: CallSid): Promise<boolean> {
  const keys = await keysOf(calls, callSid);
  const isRecord = ({ sk }: { sk: string }) => sk === recordKey;
  const parts = keys.filter((key) => !isRecord(key));
  await writeBatches(
    calls,
    parts.map((key) => ({ DeleteRequest: { Key: key } })),
  );
  const record = keys.find(isRecord);
  if (record === undefined) return false;
  await request(() => calls.documents.delete({ TableName: calls.table, Key: record }));
  return true;
}
