/** The verdict of the carrier on who has answered, and what was ordered for a machine. */
import { sayAndHangUpTwiml } from '#adapters/twilio/twiml.ts';
import type { CallSid } from '#core/ids.ts';
import { machineAction } from '#core/outbound/machine-action.ts';
import type { Services } from '../services.ts';

export interface Verdict {
  readonly callSid: CallSid;
  readonly answeredBy: string;
  readonly ref: string | undefined;
}

/** A failure reaches Twilio as an error; the call then simply goes on. */
export async function noteAnsweredBy(
  { callSid, answeredBy, ref }: Verdict,
  services: Services,
): Promise<void> {
  const { store, outboundPlans, telephony, telemetry } = services;
  await store.update(callSid, { answeredBy });
  const plan = ref === undefined ? undefined : await outboundPlans.find(ref);
  const next = machineAction(answeredBy, plan?.answeringMachine);
  telemetry.log('info', { msg: 'call.answered-by', callSid, answeredBy, next: next.do });
  const { signal } = new AbortController();
  if (next.do === 'hang-up') await telephony.hangUp(callSid, { signal });
  if (next.do === 'say') await telephony.redirect(callSid, sayAndHangUpTwiml(next.message), { signal });
}
