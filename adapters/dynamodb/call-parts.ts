/** Turns and cost events of a call: the items beside its record. */
import type { CostEvent } from '#core/costs/cost-event.ts';
import type { CallSid } from '#core/ids.ts';
import type { TurnRecord } from '#core/records/turn-record.ts';
import { writeBatches } from './batches.ts';
import { callKey, costKey, turnKey } from './call-items.ts';
import type { CallTable } from './call-table.ts';
import type { Item, QueryInput } from './documents.ts';
import { request } from './failures.ts';
import { queryItems } from './pages.ts';

/**
 * Parts disappear with their record. One that has none, because the store was away when the call began or because
 * the record was deleted meanwhile, must not be kept for ever: a week leaves time to look into it.
 */
const orphanLifeSecs = 7 * 86_400;

const expiryOr = (expiresAt: number | undefined, now: Date): number =>
  expiresAt ?? Math.ceil(now.getTime() / 1000) + orphanLifeSecs;

export async function putTurn(
  { documents, table, now }: CallTable,
  callSid: CallSid,
  turn: TurnRecord,
  expiresAt: number | undefined,
): Promise<void> {
  const key = { pk: callKey(callSid), sk: turnKey(turn.n) };
  const item = { ...turn, ...key, expiresAt: expiryOr(expiresAt, now()) };
  await request(() => documents.put({ TableName: table, Item: item }));
}

export async function putCostEvents(
  calls: CallTable,
  events: readonly CostEvent[],
  expiryOf: (callSid: CallSid) => Promise<number | undefined>,
): Promise<void> {
  const expiries = new Map<CallSid, number>();
  const items = new Map<string, Item>();
  for (const event of events) {
    const { callSid, seq } = event;
    const expiresAt = expiries.get(callSid) ?? expiryOr(await expiryOf(callSid), calls.now());
    expiries.set(callSid, expiresAt);
    const key = { pk: callKey(callSid), sk: costKey(seq) };
    items.set(`${key.pk} ${key.sk}`, { ...event, ...key, expiresAt });
  }
  await writeBatches(
    calls,
    [...items.values()].map((item) => ({ PutRequest: { Item: item } })),
  );
}

const queryAll = (
  { documents, table }: CallTable,
  input: Omit<QueryInput, 'TableName'>,
): Promise<readonly Item[]> => queryItems(documents, { TableName: table, ConsistentRead: true, ...input });

/** In their order; expired ones that the database still has are left out. */
export const livePartsOf = (calls: CallTable, callSid: CallSid, prefix: string): Promise<readonly Item[]> =>
  queryAll(calls, {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    FilterExpression: 'expiresAt > :now',
    ExpressionAttributeValues: {
      ':pk': callKey(callSid),
      ':prefix': prefix,
      ':now': Math.floor(calls.now().getTime() / 1000),
    },
  });

export async function keysOf(
  calls: CallTable,
  callSid: CallSid,
): Promise<readonly { readonly pk: string; readonly sk: string }[]> {
  const items = await queryAll(calls, {
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': callKey(callSid) },
    ProjectionExpression: 'pk, sk',
  });
  return items.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) }));
}
