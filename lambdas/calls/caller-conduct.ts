/** A call is over: what it says of the caller. */
import { endCall, newConduct } from '#core/abuse/conduct.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import { reportProviderOrThrow } from '../failures.ts';
import type { Services } from '../services.ts';

/** @param durationSecs as the carrier tells it. */
export async function noteConduct(
  { callSid, callerHash, role, startedAt, costSummary }: CallRecord,
  durationSecs: number,
  { clock, conducts, store, telemetry }: Services,
): Promise<void> {
  try {
    const conduct = (await conducts.find(callerHash)) ?? newConduct;
    // Until the record is closed, words may be on their way to it.
    const isClosed = costSummary !== undefined;
    const turns = isClosed ? await store.turns(callSid) : [];
    const heardAnything = !isClosed || turns.some(({ speaker }) => speaker === 'caller');
    const ending = { callSid, role, startedAtMs: Date.parse(startedAt), durationSecs, heardAnything };
    const after = endCall(conduct, { ...ending, nowMs: clock.now().getTime() });
    if (after !== conduct) await conducts.put(callerHash, after);
  } catch (error) {
    reportProviderOrThrow(telemetry, error, callSid);
  }
}
