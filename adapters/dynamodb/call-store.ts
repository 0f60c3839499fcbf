/** The call store over the `calls` table: one conditional write per rule, no transactions. */
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { CallSid } from '#core/ids.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import { type CallRecord, type CallStatus, finalStatuses } from '#core/records/call-record.ts';
import { writeBatches } from './batches.ts';
import {
  callKey,
  costKey,
  costPrefix,
  dayOf,
  daysKey,
  type Item,
  recordKey,
  toCostEvent,
  toRecord,
  toRecordItem,
  toTurn,
  turnKey,
  turnPrefix,
} from './call-items.ts';
import { type CallListsOptions, listCalls, recordsIn } from './call-lists.ts';
import { conditional, request } from './failures.ts';

interface Context extends CallListsOptions {
  /** Days whose `DAYS` item this process has written already. */
  readonly daysWritten: Set<string>;
}

/** A process lives for weeks; it need not remember more days than that. */
const daysRememberedMax = 60;

export function createDynamoCallStore(options: CallListsOptions): CallStore {
  const context: Context = { ...options, daysWritten: new Set() };
  return {
    create: (record) => createRecord(context, record),
    find: (callSid) => findRecord(context, callSid),
    update: (callSid, change) => setFields(context, callSid, change),
    applyStatus: (callSid, status, applied) => applyStatus(context, callSid, status, applied),
    finish: (callSid, ending) =>
      setFields(context, callSid, ending, {
        condition: 'attribute_not_exists(costSummary)',
        // The carrier's own last word on the status stands.
        also: '#status = :completed',
        unless: finalStatuses,
      }),
    async putTurn(callSid, turn) {
      await put(context, {
        pk: callKey(callSid),
        sk: turnKey(turn.n),
        ...turn,
        expiresAt: await expiryOf(context, callSid),
      });
    },
    turns: async (callSid) => (await itemsOf(context, callSid, turnPrefix)).map(toTurn),
    async putCostEvents(events) {
      const [first] = events;
      if (!first) return;
      const expiresAt = await expiryOf(context, first.callSid);
      const writes = events.map((event) => ({
        PutRequest: { Item: { pk: callKey(event.callSid), sk: costKey(event.seq), ...event, expiresAt } },
      }));
      await writeBatches(context.documents, context.table, writes);
    },
    costEvents: async (callSid) => (await itemsOf(context, callSid, costPrefix)).map(toCostEvent),
    list: (query) => listCalls(context, query),
    listStale: (stale) => listStale(context, stale),
    delete: (callSid) => deleteCall(context, callSid),
  };
}

async function put({ documents, table }: Context, item: Item): Promise<void> {
  await request(() => documents.send(new PutCommand({ TableName: table, Item: item })));
}

async function createRecord(context: Context, record: CallRecord): Promise<boolean> {
  const created = await conditional(() =>
    context.documents.send(
      new PutCommand({
        TableName: context.table,
        Item: toRecordItem(record),
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    ),
  );
  if (created) await noteDay(context, record);
  return created;
}

async function noteDay(context: Context, { startedAt, expiresAt }: CallRecord): Promise<void> {
  const day = dayOf(startedAt);
  if (context.daysWritten.has(day)) return;
  await put(context, { pk: daysKey, sk: day, expiresAt });
  if (context.daysWritten.size >= daysRememberedMax) context.daysWritten.clear();
  context.daysWritten.add(day);
}

async function findRecord(context: Context, callSid: CallSid): Promise<CallRecord | undefined> {
  const { Item: item } = await request(() =>
    context.documents.send(
      new GetCommand({
        TableName: context.table,
        Key: { pk: callKey(callSid), sk: recordKey },
        ConsistentRead: true,
      }),
    ),
  );
  if (!item) return undefined;
  const record = toRecord(item);
  return record.expiresAt * 1000 > context.now().getTime() ? record : undefined;
}

/** Turns and cost events disappear with their record. */
async function expiryOf(context: Context, callSid: CallSid): Promise<number | undefined> {
  return (await findRecord(context, callSid))?.expiresAt;
}

interface Rule {
  readonly condition: string;
  readonly also: string;
  readonly unless: readonly CallStatus[];
}

/** Sets fields of an existing record. @returns false when there is none, or the rule does not allow it. */
async function setFields(context: Context, callSid: CallSid, fields: object, rule?: Rule): Promise<boolean> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return true;
  const conditions = ['attribute_exists(pk)', ...(rule ? [rule.condition] : [])];
  const set = entries.map(([name]) => `#${name} = :${name}`);
  const update = (withStatus: boolean) =>
    conditional(() =>
      context.documents.send(
        new UpdateCommand({
          TableName: context.table,
          Key: { pk: callKey(callSid), sk: recordKey },
          UpdateExpression: `SET ${[...set, ...(withStatus && rule ? [rule.also] : [])].join(', ')}`,
          ConditionExpression: [
            ...conditions,
            ...(withStatus && rule ? [`NOT #status IN (${finals.in})`] : []),
          ].join(' AND '),
          ExpressionAttributeNames: Object.fromEntries([
            ...entries.map(([name]) => [`#${name}`, name] as const),
            ...(withStatus && rule ? ([['#status', 'status']] as const) : []),
          ]),
          ExpressionAttributeValues: {
            ...Object.fromEntries(entries.map(([name, value]) => [`:${name}`, value])),
            ...(withStatus && rule ? { ...finals.values, ':completed': 'completed' } : {}),
          },
        }),
      ),
    );
  if (!rule) return update(false);
  return (await update(true)) || update(false);
}

const finals = {
  in: finalStatuses.map((_, i) => `:final${i}`).join(', '),
  values: Object.fromEntries(finalStatuses.map((status, i) => [`:final${i}`, status])),
};

/** Callbacks come repeated and in any order: a final status is never undone, an older one never applied. */
function applyStatus(
  context: Context,
  callSid: CallSid,
  status: CallStatus,
  applied: Parameters<CallStore['applyStatus']>[2],
): Promise<boolean> {
  const isFinal = finalStatuses.includes(status);
  const newer = isFinal ? '' : ' AND (attribute_not_exists(statusSequence) OR statusSequence < :sequence)';
  const set = ['#status = :status', 'statusSequence = :sequence', 'statusAt = :at'];
  if (applied.durationSecs !== undefined) set.push('durationSecs = :durationSecs');
  return conditional(() =>
    context.documents.send(
      new UpdateCommand({
        TableName: context.table,
        Key: { pk: callKey(callSid), sk: recordKey },
        UpdateExpression: `SET ${set.join(', ')}`,
        ConditionExpression: `attribute_exists(pk) AND NOT #status IN (${finals.in})${newer}`,
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ...finals.values,
          ':status': status,
          ':sequence': applied.sequence,
          ':at': applied.at.toISOString(),
          ...(applied.durationSecs === undefined ? {} : { ':durationSecs': applied.durationSecs }),
        },
      }),
    ),
  );
}

async function itemsOf(
  { documents, table }: Context,
  callSid: CallSid,
  prefix: string,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let from: Item | undefined;
  do {
    const page = await request(() =>
      documents.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': callKey(callSid), ':prefix': prefix },
          ConsistentRead: true,
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      ),
    );
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return items;
}

/** No call lasts longer than a day: one that is not ended started today or yesterday. */
async function listStale(
  context: Context,
  stale: Parameters<CallStore['listStale']>[0],
): Promise<readonly CallRecord[]> {
  const today = context.now();
  const yesterday = new Date(today.getTime() - 86_400_000);
  const found: CallRecord[] = [];
  for (const day of [today, yesterday].map((date) => dayOf(date.toISOString()))) {
    const filter = {
      expression: 'attribute_not_exists(costSummary) AND aliveAt < :aliveBefore',
      values: { ':aliveBefore': stale.aliveBefore.toISOString() },
    };
    const wanted = stale.limit - found.length;
    if (wanted > 0)
      found.push(...(await recordsIn(context, { partition: 'day', value: day, wanted, filter })));
  }
  return found;
}

/** The record goes last, so that a deletion that was cut off can be repeated. */
async function deleteCall(context: Context, callSid: CallSid): Promise<boolean> {
  const items = await itemsOf(context, callSid, '');
  const ofSort = (item: Item) => String(item['sk']);
  const sorted = [...items].sort((a, b) => Number(ofSort(a) === recordKey) - Number(ofSort(b) === recordKey));
  const writes = sorted.map((item) => ({ DeleteRequest: { Key: { pk: item['pk'], sk: item['sk'] } } }));
  await writeBatches(context.documents, context.table, writes);
  return items.some((item) => ofSort(item) === recordKey);
}
