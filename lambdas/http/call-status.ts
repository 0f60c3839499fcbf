/** `POST /call/status`: what Twilio tells of a call; repeated, late and in any order. */
import { parseStatusCallback, type StatusCallback } from '#adapters/twilio/webhooks.ts';
import { HttpProblem } from '#core/http/problem.ts';
import { noteConduct } from '../calls/caller-conduct.ts';
import { type WebhookAnswer, type WebhookRequest, webhookFunction } from '../middleware.ts';
import { adoptCall } from '../outbound/adopt-call.ts';
import { noteAnsweredBy } from '../outbound/answering-machine.ts';
import type { LoadServices, Services } from '../services.ts';
import { wire } from '../wire.ts';

export const createCallStatus = (load: LoadServices) => webhookFunction(load, noteStatus);

async function noteStatus(request: WebhookRequest, services: Services): Promise<WebhookAnswer> {
  const parsed = parseStatusCallback(request.params);
  if (!parsed.ok) throw new HttpProblem('bad_request', `This is not a status callback: ${parsed.problem}`);
  const callback = parsed.value;
  const { ref, about } = request.query;
  if (about === 'machine' && 'answeredBy' in callback && callback.answeredBy !== undefined)
    await noteAnsweredBy({ callSid: callback.callSid, answeredBy: callback.answeredBy, ref }, services);
  else if (callback.kind === 'progress') {
    if (ref !== undefined) await adoptCall(ref, callback, services);
    await noteProgress(callback, services);
  } else noteOther(callback, services);
  return { status: 204 };
}

/** A callback without a number takes no other one back; a final status ends the call whatever its number. */
const noSequence = 0;

async function noteProgress(
  { callSid, status, sequence, durationSecs }: Extract<StatusCallback, { kind: 'progress' }>,
  services: Services,
): Promise<void> {
  const { store, clock, config } = services;
  const applied = await store.applyStatus(callSid, status, {
    sequence: sequence ?? noSequence,
    at: clock.now(),
    ...(durationSecs === undefined ? {} : { durationSecs }),
  });
  if (!applied || status !== 'completed' || durationSecs === undefined) return;
  const record = await store.find(callSid);
  if (config.CONDUCT_CONTROL === 'on' && record?.direction === 'inbound')
    await noteConduct(record, durationSecs, services);
}

function noteOther(callback: Exclude<StatusCallback, { kind: 'progress' }>, { telemetry }: Services): void {
  const { callSid, kind } = callback;
  if (kind === 'stream' && callback.event === 'stream-error')
    telemetry.log('error', { msg: 'stream.failed', callSid });
  else telemetry.log('debug', { msg: 'call.callback', callSid, kind });
}

export const handler = createCallStatus(wire);
