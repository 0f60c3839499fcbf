/** The verdict of the carrier on who has answered, and what was ordered for a machine. */
import { sayAndHangUpTwiml, speakable, twimlCharsMax } from '#adapters/twilio/twiml.ts';
import type { AnsweringMachine } from '#core/http/outbound.ts';
import { HttpProblem } from '#core/http/problem.ts';
import type { CallSid } from '#core/ids.ts';
import { machineAction } from '#core/outbound/machine-action.ts';
import type { Services } from '../services.ts';

const messageTwiml = (message: string): string => sayAndHangUpTwiml(message);

/** Before anybody is called: what the carrier would refuse when the machine has answered. Throws `HttpProblem`. */
export function checkMachineMessage(ordered: AnsweringMachine | undefined): void {
  if (ordered?.action !== 'leave-message') return;
  const { message } = ordered;
  const tooMany = messageTwiml(message).length - twimlCharsMax;
  if (tooMany > 0)
    refuseMessage(
      `is ${tooMany} characters too long as the carrier takes it, where & counts for 5 and < and > for 4: shorten it, or write them as words`,
    );
  if (speakable(message).trim() === '') refuseMessage('holds nothing that can be read out: give it words');
}

function refuseMessage(problem: string): never {
  const fields = [`answeringMachine.message: ${problem}`];
  throw new HttpProblem('bad_request', `The request is not right: ${fields.join('; ')}.`, { fields });
}

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
  if (next.do === 'say') await telephony.redirect(callSid, messageTwiml(next.message), { signal });
}
