/** `POST /call/status`: what Twilio tells of a call; repeated, late and in any order. */
import { parseStatusCallback, type StatusCallback } from '#adapters/twilio/webhooks.ts';
import { HttpProblem } from '#core/http/problem.ts';
import { listensForMachine } from '#core/outbound/machine-action.ts';
import { finalStatuses } from '#core/records/call-record.ts';
import { noteConduct } from '../calls/caller-conduct.ts';
import { noteLeg, noteMachineDetection, noteRecording } from '../costs/carrier-costs.ts';
import { adoptCall } from '../outbound/adopt-call.ts';
import { noteAnsweredBy } from '../outbound/answering-machine.ts';
import type { LoadServices, Services } from '../services.ts';
import { type WebhookAnswer, type WebhookRequest, webhookFunction } from '../stacks/webhook-function.ts';
import { wire } from '../wire.ts';

export const createCallStatus = (load: LoadServices) => webhookFunction(load, noteStatus);

async function noteStatus(request: WebhookRequest, services: Services): Promise<WebhookAnswer> {
  const parsed = parseStatusCallback(request.params);
  if (!parsed.ok) throw new HttpProblem('bad_request', `This is not a status callback: ${parsed.problem}`);
  const callback = parsed.value;
  const { ref, about } = request.query;
  if (about === 'machine' && 'answeredBy' in callback && callback.answeredBy !== undefined) {
    await noteAnsweredBy({ callSid: callback.callSid, answeredBy: callback.answeredBy, ref }, services);
    await noteMachineDetection(callback.callSid, services);
  } else if (callback.kind === 'progress') {
    if (ref !== undefined) await adoptCall(ref, callback, services);
    await noteProgress(callback, services);
    if (ref !== undefined) await noteUnheardDetection(ref, callback, services);
  } else await noteOther(callback, services);
  return { status: 204 };
}

/** A callback without a number takes no other one back; a final status ends the call whatever its number. */
const noSequence = 0;

async function noteProgress(
  { callSid, status, sequence, durationSecs, answeredBy }: Extract<StatusCallback, { kind: 'progress' }>,
  services: Services,
): Promise<void> {
  const { store, clock, config } = services;
  await store.applyStatus(callSid, status, {
    sequence: sequence ?? noSequence,
    at: clock.now(),
    ...(durationSecs === undefined ? {} : { durationSecs }),
  });
  if (answeredBy !== undefined) await noteMachineDetection(callSid, services);
  if (durationSecs === undefined) return;
  if (finalStatuses.includes(status)) await noteLeg(callSid, { status, durationSecs }, services);
  if (status !== 'completed' || config.CONDUCT_CONTROL !== 'on') return;
  // Most often the media service has ended the record already, and the status changes nothing.
  const record = await store.find(callSid);
  // Nobody is to blame for having been refused.
  if (record?.direction === 'inbound' && record.outcome !== 'refused')
    await noteConduct(record, durationSecs, services);
}

/** A machine was listened for from the answer on: it is billed also where the call was over before a verdict. */
async function noteUnheardDetection(
  ref: string,
  { callSid, status, durationSecs }: Extract<StatusCallback, { kind: 'progress' }>,
  services: Services,
): Promise<void> {
  if (status !== 'completed' || durationSecs === undefined) return;
  const plan = await services.outboundPlans.find(ref);
  if (listensForMachine(plan?.answeringMachine)) await noteMachineDetection(callSid, services);
}

async function noteOther(
  callback: Exclude<StatusCallback, { kind: 'progress' }>,
  services: Services,
): Promise<void> {
  const { telemetry } = services;
  const { callSid, kind } = callback;
  if (kind === 'answered-by') await noteMachineDetection(callSid, services);
  if (kind === 'recording' && callback.status === 'completed' && callback.durationSecs !== undefined) {
    const { recordingSid, durationSecs } = callback;
    await noteRecording(callSid, { recordingSid, durationSecs }, services);
  }
  if (kind === 'stream' && callback.event === 'stream-error')
    telemetry.log('error', { msg: 'stream.failed', callSid });
  else telemetry.log('debug', { msg: 'call.callback', callSid, kind });
}

export const handler = createCallStatus(wire);
