/** How calls lie in the table: keys, and the way from items to records and back. */
import { type CostEvent, costEventSchema } from '#core/costs/cost-event.ts';
import { ProviderError } from '#core/errors.ts';
import type { CallSid } from '#core/ids.ts';
import { type CallRecord, callRecordSchema } from '#core/records/call-record.ts';
import { type TurnRecord, turnRecordSchema } from '#core/records/turn-record.ts';
import type { Item } from './documents.ts';

export const recordKey = 'RECORD';
export const turnPrefix = 'TURN#';
export const costPrefix = 'COST#';
/** One small item for each day that has calls: lists skip empty days. */
export const daysKey = 'DAYS';

/** Wide enough for any call, so that keys sort as numbers do. */
const sequenceDigits = 6;
const padded = (n: number) => String(n).padStart(sequenceDigits, '0');

export const callKey = (callSid: CallSid) => `CALL#${callSid}`;
export const recordKeyOf = (callSid: CallSid) => ({ pk: callKey(callSid), sk: recordKey });
export const turnKey = (n: number) => `${turnPrefix}${padded(n)}`;
export const costKey = (seq: number) => `${costPrefix}${padded(seq)}`;
export const dayOf = (startedAt: string) => startedAt.slice(0, 10);

/** Unique even when two calls start in the same millisecond. */
const startedSortOf = ({ startedAt, callSid }: CallRecord) => `${startedAt}#${callSid}`;

export function toRecordItem(record: CallRecord): Item {
  return {
    ...record,
    pk: callKey(record.callSid),
    sk: recordKey,
    day: dayOf(record.startedAt),
    startedSort: startedSortOf(record),
  };
}

/** Where an index query goes on after this record. */
export function indexKeyOf(record: CallRecord, partitionKey: 'day' | 'role' | 'status'): Item {
  const partition = { day: dayOf(record.startedAt), role: record.role, status: record.status }[partitionKey];
  return {
    pk: callKey(record.callSid),
    sk: recordKey,
    startedSort: startedSortOf(record),
    [partitionKey]: partition,
  };
}

const unreadable = (cause: unknown) =>
  new ProviderError('An item in the database cannot be read', {
    provider: 'dynamodb',
    failure: 'protocol',
    cause,
  });

/** Leaves out what only the table needs. Throws `ProviderError` for an item that is not a record. */
export function toRecord(item: Item): CallRecord {
  const parsed = callRecordSchema.safeParse(item);
  if (!parsed.success) throw unreadable(parsed.error);
  return parsed.data;
}

/** What is to be deleted lies in the table some time longer. */
export function toLiveRecord(item: Item | undefined, now: Date): CallRecord | undefined {
  if (!item) return undefined;
  const record = toRecord(item);
  return record.expiresAt * 1000 > now.getTime() ? record : undefined;
}

export function toTurn(item: Item): TurnRecord {
  const parsed = turnRecordSchema.safeParse(item);
  if (!parsed.success) throw unreadable(parsed.error);
  return parsed.data;
}

export function toCostEvent(item: Item): CostEvent {
  const parsed = costEventSchema.safeParse(item);
  if (!parsed.success) throw unreadable(parsed.error);
  return parsed.data;
}
