/** Lists of calls, newest first. */
import { QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { CallPage, CallQuery, CallStore } from '#core/ports/call-store.ts';
import { type CallRecord, callStatuses, finalStatuses } from '#core/records/call-record.ts';
import { callIndexes } from '#core/records/tables.ts';
import { dayOf, daysKey, type Item, indexKeyOf, toRecord } from './call-items.ts';
import type { CallTable } from './call-table.ts';
import { decodeCursor, encodeCursor, type ListPosition } from './cursor.ts';
import { request } from './failures.ts';

type Partition = 'day' | 'role' | 'status';
const indexNames: Record<Partition, string> = {
  day: callIndexes.byDay.name,
  role: callIndexes.byRole.name,
  status: callIndexes.byStatus.name,
};

interface Slice {
  readonly partition: Partition;
  readonly value: string;
  readonly from?: Item | undefined;
  readonly wanted: number;
  readonly filter?: { readonly expression: string; readonly values: Item };
}

/** Records of one index partition, newest first, expired ones left out, until enough are found. */
async function recordsIn(calls: CallTable, slice: Slice): Promise<readonly CallRecord[]> {
  const { filter, partition, value, wanted } = slice;
  const found: CallRecord[] = [];
  let from = slice.from;
  do {
    const input: QueryCommandInput = {
      TableName: calls.table,
      IndexName: indexNames[partition],
      KeyConditionExpression: '#partition = :value',
      FilterExpression: ['expiresAt > :now', filter?.expression].filter(Boolean).join(' AND '),
      ExpressionAttributeNames: { '#partition': partition },
      ExpressionAttributeValues: {
        ':value': value,
        ':now': Math.floor(calls.now().getTime() / 1000),
        ...filter?.values,
      },
      ScanIndexForward: false,
      // The limit counts before the filter: one that leaves little over would take a request for each few items.
      ...(filter === undefined ? { Limit: wanted } : {}),
      ...(from === undefined ? {} : { ExclusiveStartKey: from }),
    };
    const page = await request(() => calls.documents.send(new QueryCommand(input)));
    found.push(...(page.Items ?? []).map(toRecord));
    from = page.LastEvaluatedKey;
  } while (from !== undefined && found.length < wanted);
  return found.slice(0, wanted);
}

/** Days that have calls, newest first, from `day` on. */
async function daysFrom(
  { documents, table }: CallTable,
  day: string | undefined,
): Promise<readonly string[]> {
  const days: string[] = [];
  let from: Item | undefined;
  do {
    const page = await request(() =>
      documents.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: day === undefined ? 'pk = :days' : 'pk = :days AND sk <= :day',
          ExpressionAttributeValues: { ':days': daysKey, ...(day === undefined ? {} : { ':day': day }) },
          ScanIndexForward: false,
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      ),
    );
    days.push(...(page.Items ?? []).map(({ sk }) => String(sk)));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return days;
}

async function recordsByDay(
  calls: CallTable,
  position: ListPosition | undefined,
  wanted: number,
): Promise<readonly CallRecord[]> {
  const found: CallRecord[] = [];
  for (const day of await daysFrom(calls, position?.day)) {
    const from = day === position?.day ? position.key : undefined;
    const slice = { partition: 'day', value: day, from, wanted: wanted - found.length } as const;
    found.push(...(await recordsIn(calls, slice)));
    if (found.length >= wanted) break;
  }
  return found;
}

/** Throws `BadCursorError` for a cursor of another list. */
export async function listCalls(calls: CallTable, query: CallQuery): Promise<CallPage> {
  const { index, limit } = query;
  const partition: Partition = index.by;
  const value = index.by === 'role' ? index.role : index.by === 'status' ? index.status : '';
  const list = `${partition}:${value}`;
  const position =
    query.cursor === undefined ? undefined : decodeCursor(calls.cursorSecret, query.cursor, list);
  // One more than asked for tells whether there is a next page.
  const wanted = limit + 1;
  const found =
    partition === 'day'
      ? await recordsByDay(calls, position, wanted)
      : await recordsIn(calls, { partition, value, from: position?.key, wanted });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (found.length <= limit || last === undefined) return { items };
  const key = indexKeyOf(last, partition) as Record<string, string>;
  const next = { list, key, ...(partition === 'day' ? { day: dayOf(last.startedAt) } : {}) };
  return { items, cursor: encodeCursor(calls.cursorSecret, next) };
}

const dayMs = 86_400_000;

/**
 * Calls that the carrier holds for running, however old, and calls that it has ended while nobody of us has: those
 * started today or yesterday, for no call lasts longer than a day.
 */
export async function listStale(
  calls: CallTable,
  { aliveBefore, limit }: Parameters<CallStore['listStale']>[0],
): Promise<readonly CallRecord[]> {
  const filter = {
    expression: 'attribute_not_exists(costSummary) AND aliveAt < :aliveBefore',
    values: { ':aliveBefore': aliveBefore.toISOString() },
  };
  const running = callStatuses.filter((status) => !finalStatuses.includes(status));
  const today = calls.now();
  const days = [today, new Date(today.getTime() - dayMs)].map((date) => dayOf(date.toISOString()));
  const slices = [
    ...running.map((value) => ({ partition: 'status', value }) as const),
    ...days.map((value) => ({ partition: 'day', value }) as const),
  ];
  const found = new Map<string, CallRecord>();
  for (const slice of slices) {
    for (const record of await recordsIn(calls, { ...slice, wanted: limit, filter }))
      found.set(record.callSid, record);
    if (found.size >= limit) break;
  }
  return [...found.values()].slice(0, limit);
}
