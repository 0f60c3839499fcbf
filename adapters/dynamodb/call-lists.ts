/** Lists of calls, newest first. */
import type { CallFilter, CallPage, CallQuery, CallStore } from '#core/ports/call-store.ts';
import { type CallRecord, callStatuses, finalStatuses } from '#core/records/call-record.ts';
import { callIndexes } from '#core/records/tables.ts';
import { dayOf, daysKey, indexKeyOf, toRecord } from './call-items.ts';
import type { CallTable } from './call-table.ts';
import { decodeCursor, encodeCursor, type ListPosition } from './cursor.ts';
import type { Item, QueryInput } from './documents.ts';
import { request } from './failures.ts';
import { queryItems } from './pages.ts';

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
  readonly filter?: {
    readonly expression: string;
    readonly names?: Readonly<Record<string, string>>;
    readonly values: Item;
  };
  readonly started?: Pick<CallFilter, 'from' | 'to'>;
}

/** Sort keys begin with the moment, so a bare moment lies before all calls of that moment. */
function startedCondition({ from, to }: Pick<CallFilter, 'from' | 'to'>): {
  condition: string;
  values: Item;
} {
  const values = {
    ...(from === undefined ? {} : { ':startedFrom': from.toISOString() }),
    ...(to === undefined ? {} : { ':startedTo': to.toISOString() }),
  };
  if (from !== undefined && to !== undefined)
    return { condition: ' AND startedSort BETWEEN :startedFrom AND :startedTo', values };
  if (from !== undefined) return { condition: ' AND startedSort >= :startedFrom', values };
  return { condition: to === undefined ? '' : ' AND startedSort < :startedTo', values };
}

/** Records of one index partition, newest first, expired ones left out, until enough are found. */
async function recordsIn(calls: CallTable, slice: Slice): Promise<readonly CallRecord[]> {
  const { filter, partition, value, wanted, started = {} } = slice;
  if (started.from !== undefined && started.to !== undefined && started.from >= started.to) return [];
  const range = startedCondition(started);
  const found: CallRecord[] = [];
  let from = slice.from;
  do {
    const input: QueryInput = {
      TableName: calls.table,
      IndexName: indexNames[partition],
      KeyConditionExpression: `#partition = :value${range.condition}`,
      FilterExpression: ['expiresAt > :now', filter?.expression].filter(Boolean).join(' AND '),
      ExpressionAttributeNames: { '#partition': partition, ...filter?.names },
      ExpressionAttributeValues: {
        ':value': value,
        ':now': Math.floor(calls.now().getTime() / 1000),
        ...filter?.values,
        ...range.values,
      },
      ScanIndexForward: false,
      // The limit counts before the filter: one that leaves little over would take a request for each few items.
      ...(filter === undefined ? { Limit: wanted } : {}),
      ExclusiveStartKey: from,
    };
    const page = await request(() => calls.documents.query(input));
    found.push(...page.Items.map(toRecord));
    from = page.LastEvaluatedKey;
  } while (from !== undefined && found.length < wanted);
  return found.slice(0, wanted);
}

/** Days that have calls, newest first, from `day` on. */
async function daysFrom(
  { documents, table }: CallTable,
  day: string | undefined,
): Promise<readonly string[]> {
  const items = await queryItems(documents, {
    TableName: table,
    KeyConditionExpression: day === undefined ? 'pk = :days' : 'pk = :days AND sk <= :day',
    ExpressionAttributeValues: { ':days': daysKey, ':day': day },
    ScanIndexForward: false,
  });
  return items.map(({ sk }) => String(sk));
}

async function recordsByDay(
  calls: CallTable,
  position: ListPosition | undefined,
  narrowed: Pick<Slice, 'wanted' | 'filter' | 'started'>,
): Promise<readonly CallRecord[]> {
  const { wanted, started = {} } = narrowed;
  const firstDay = started.from === undefined ? '' : dayOf(started.from.toISOString());
  const lastDay = started.to === undefined ? undefined : dayOf(started.to.toISOString());
  const found: CallRecord[] = [];
  for (const day of await daysFrom(calls, position?.day ?? lastDay)) {
    if (day < firstDay) break;
    const from = day === position?.day ? position.key : undefined;
    const slice = { ...narrowed, partition: 'day', value: day, from, wanted: wanted - found.length } as const;
    found.push(...(await recordsIn(calls, slice)));
    if (found.length >= wanted) break;
  }
  return found;
}

/** The index that finds most of what is wanted, and what is left for it to look at one by one. */
function planOf({ index, filter = {} }: CallQuery) {
  const by: Partition =
    index.by !== 'day'
      ? index.by
      : filter.role !== undefined
        ? 'role'
        : filter.status !== undefined
          ? 'status'
          : 'day';
  const role = index.by === 'role' ? index.role : filter.role;
  const status = index.by === 'status' ? index.status : filter.status;
  const wanted = { role, status, direction: filter.direction };
  const rest = Object.entries(wanted).filter(([name, value]) => value !== undefined && name !== by);
  // A name in the path and another one in the query: nothing is both.
  const isEmpty =
    (index.by === 'role' && filter.role !== undefined && filter.role !== index.role) ||
    (index.by === 'status' && filter.status !== undefined && filter.status !== index.status);
  const { from, to } = filter;
  const started = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const value = by === 'role' ? (role ?? '') : by === 'status' ? (status ?? '') : '';
  const list = JSON.stringify([index.by, value, rest, from?.getTime(), to?.getTime()]);
  return { partition: by, value, rest, started, list, isEmpty };
}

/** Names of attributes that DynamoDB keeps for itself go by a placeholder. */
const restFilter = (rest: readonly (readonly [string, string | undefined])[]): Slice['filter'] =>
  rest.length === 0
    ? undefined
    : {
        expression: rest.map(([name]) => `#rest${name} = :rest${name}`).join(' AND '),
        names: Object.fromEntries(rest.map(([name]) => [`#rest${name}`, name])),
        values: Object.fromEntries(rest.map(([name, value]) => [`:rest${name}`, value])),
      };

/** Throws `BadCursorError` for a cursor of another list. */
export async function listCalls(calls: CallTable, query: CallQuery): Promise<CallPage> {
  const { limit } = query;
  const { partition, value, rest, started, list, isEmpty } = planOf(query);
  const position =
    query.cursor === undefined ? undefined : decodeCursor(calls.cursorSecret, query.cursor, list);
  if (isEmpty) return { items: [] };
  // One more than asked for tells whether there is a next page.
  const wanted = limit + 1;
  const filter = restFilter(rest);
  const narrowed = { wanted, started, ...(filter === undefined ? {} : { filter }) };
  const found =
    partition === 'day'
      ? await recordsByDay(calls, position, narrowed)
      : await recordsIn(calls, { ...narrowed, partition, value, from: position?.key });
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
