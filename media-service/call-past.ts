/** What an earlier stream of a call left behind, for a call that goes on. */
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import type { CostEvent } from '#core/costs/cost-event.ts';
import { limits } from '#core/limits.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { TurnRecord } from '#core/records/turn-record.ts';

export interface CallPast {
  readonly turns: readonly TurnRecord[];
  readonly costEvents: readonly CostEvent[];
  /** The number that the next turn and the next cost event have at least. */
  readonly nextTurn: number;
  readonly nextCostEvent: number;
}

/** Far beyond what one stream of a call makes: what could not be read must not be written over. */
const unreadPast: CallPast = { turns: [], costEvents: [], nextTurn: 100_000, nextCostEvent: 450_000 };

/** The caller waits in silence behind it: a store that is slow or away means a conversation without a past. */
export async function readPast(
  { callSid, returning }: StreamClaims,
  {
    store,
    clock,
    onFailure,
  }: { readonly store: CallStore; readonly clock: Clock; readonly onFailure: (error: unknown) => void },
): Promise<CallPast | undefined> {
  if (!returning) return undefined;
  const { promise: tooLate, resolve } = Promise.withResolvers<CallPast>();
  const cancel = clock.setTimer(limits.pastReadTimeoutMs, () => resolve(unreadPast));
  const reading = Promise.all([store.turns(callSid), store.costEvents(callSid)]).then(
    ([turns, costEvents]): CallPast => ({ turns, costEvents, nextTurn: 0, nextCostEvent: 0 }),
    (error: unknown) => {
      onFailure(error);
      return unreadPast;
    },
  );
  const past = await Promise.race([reading, tooLate]);
  cancel();
  return past;
}
