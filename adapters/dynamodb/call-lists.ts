/** Lists of calls, newest first. */
import { type DynamoDBDocumentClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { CallPage, CallQuery } from '#core/ports/call-store.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import { callIndexes } from '#core/records/tables.ts';
import { dayOf, daysKey, type Item, indexKeyOf, toRecord } from './call-items.ts';
import { decodeCursor, encodeCursor, type ListPosition } from './cursor.ts';
import { request } from './failures.ts';

export interface CallListsOptions {
  readonly documents: DynamoDBDocumentClient;
  readonly table: string;
  readonly cursorSecret: string;
  readonly now: () => Date;
}

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
export async function recordsIn(options: CallListsOptions, slice: Slice): Promise<readonly CallRecord[]> {
  const { documents, table, now } = options;
  const found: CallRecord[] = [];
  let from = slice.from;
  do {
    const input: QueryCommandInput = {
      TableName: table,
      IndexName: indexNames[slice.partition],
      KeyConditionExpression: '#partition = :value',
      FilterExpression: ['expiresAt > :now', slice.filter?.expression].filter(Boolean).join(' AND '),
      ExpressionAttributeNames: { '#partition': slice.partition },
      ExpressionAttributeValues: {
        ':value': slice.value,
        ':now': Math.floor(now().getTime() / 1000),
        ...slice.filter?.values,
      },
      ScanIndexForward: false,
      Limit: slice.wanted,
      ...(from === undefined ? {} : { ExclusiveStartKey: from }),
    };
    const page = await request(() => documents.send(new QueryCommand(input)));
    found.push(...(page.Items ?? []).map(toRecord));
    from = page.LastEvaluatedKey;
  } while (from !== undefined && found.length < slice.wanted);
  return found.slice(0, slice.wanted);
}

/** Days that have calls, newest first, from `day` on. */
async function daysFrom(
  { documents, table }: CallListsOptions,
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
  options: CallListsOptions,
  position: ListPosition | undefined,
  wanted: number,
): Promise<readonly CallRecord[]> {
  const found: CallRecord[] = [];
  for (const day of await daysFrom(options, position?.day)) {
    const from = day === position?.day ? position.key : undefined;
    const slice = { partition: 'day', value: day, from, wanted: wanted - found.length } as const;
    found.push(...(await recordsIn(options, slice)));
    if (found.length >= wanted) break;
  }
  return found;
}

/** Throws `BadCursorError` for a cursor of another list. */
export async function listCalls(options: CallListsOptions, query: CallQuery): Promise<CallPage> {
  const { index, limit } = query;
  const partition: Partition = index.by;
  const value = index.by === 'role' ? index.role : index.by === 'status' ? index.status : '';
  const list = `${partition}:${value}`;
  const position =
    query.cursor === undefined ? undefined : decodeCursor(options.cursorSecret, query.cursor, list);
  // One more than asked for tells whether there is a next page.
  const wanted = limit + 1;
  const found =
    partition === 'day'
      ? await recordsByDay(options, position, wanted)
      : await recordsIn(options, { partition, value, from: position?.key, wanted });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (found.length <= limit || last === undefined) return { items };
  const key = indexKeyOf(last, partition) as Record<string, string>;
  const next = { list, key, ...(partition === 'day' ? { day: dayOf(last.startedAt) } : {}) };
  return { items, cursor: encodeCursor(options.cursorSecret, next) };
}
