/** `POST /call/stream-ended`: the stream of a call is over; says what Twilio does next. Always valid TwiML. */
import { dialTwiml, hangUpTwiml, sayAndHangUpTwiml } from '#adapters/twilio/twiml.ts';
import { parseStreamEnded } from '#adapters/twilio/webhooks.ts';
import { afterStream } from '#core/calls/after-stream.ts';
import { lastWords } from '#core/calls/last-words.ts';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import type { CallSid } from '#core/ids.ts';
import { limits } from '#core/limits.ts';
import { personaFor } from '#core/personas/index.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import { secsFromNow, streamTwiml } from '../calls/connect-call.ts';
import { noteTransferLeg } from '../costs/carrier-costs.ts';
import { reportProviderOrThrow } from '../failures.ts';
import type { LoadServices, Services } from '../services.ts';
import { type WebhookAnswer, type WebhookRequest, webhookFunction } from '../stacks/webhook-function.ts';
import { wire } from '../wire.ts';

/** How long a person's phone rings, and how long a transferred call may last. */
const ringSecs = 25;
const transferLimitSecs = 4 * 3_600;

export const createStreamEnded = (load: LoadServices) =>
  webhookFunction(load, decide, () => sayAndHangUpTwiml(lastWords('adult', 'cut-off')));

async function decide(request: WebhookRequest, services: Services): Promise<WebhookAnswer> {
  const parsed = parseStreamEnded(request.params);
  if (!parsed.ok) return { twiml: hangUpTwiml() };
  const { CallSid: callSid, DialCallSid: legSid, DialCallDuration: durationSecs } = parsed.value;
  if (legSid !== undefined && durationSecs !== undefined)
    await noteTransferLeg(callSid, { legSid, durationSecs }, services).catch((error: unknown) =>
      reportProviderOrThrow(services.telemetry, error, callSid),
    );
  // A word that we do not know still comes from a <Dial>: without it the same person would be rung again and again.
  const dial = parsed.value.DialCallStatus ?? ('DialCallStatus' in request.params ? 'failed' : undefined);
  const record = await findRecord(callSid, services);
  const next = afterStream(record, dial);
  const audience = record ? personaFor(record.role).audience : 'adult';
  switch (next.do) {
    case 'hang-up':
      return { twiml: hangUpTwiml() };
    case 'dial':
      return {
        twiml: dialTwiml({
          number: next.number,
          callerId: services.config.TWILIO_PHONE_NUMBER,
          actionUrl: `${services.config.PUBLIC_BASE_URL}/call/stream-ended`,
          timeoutSecs: ringSecs,
          timeLimitSecs: transferLimitSecs,
        }),
      };
    case 'return':
      return returnToAssistant(next.record, services);
    case 'apologise':
      if (record && record.outcome === undefined) await noteStreamEnd(record, services);
      return {
        twiml: sayAndHangUpTwiml(lastWords(audience, dial === undefined ? 'cut-off' : 'nobody-answered')),
      };
  }
}

/** The process that ran the call has died: nobody else will say how long its stream has lasted. */
async function noteStreamEnd({ callSid }: CallRecord, { store, clock, telemetry }: Services): Promise<void> {
  await store
    .update(callSid, { streamEndedAt: clock.now().toISOString() })
    .catch((error: unknown) => reportProviderOrThrow(telemetry, error, callSid));
}

/** The call goes on where it was: same record, same history. A note that cannot be written costs the caller nothing. */
async function returnToAssistant(record: CallRecord, services: Services): Promise<WebhookAnswer> {
  const { callSid, role, direction, callerHash, numberMasked, keyId, tollFree, transferTo } = record;
  const { store, clock, newNonce, telemetry } = services;
  await store
    .update(callSid, { nextStep: 'return' })
    .catch((error: unknown) => reportProviderOrThrow(telemetry, error, callSid));
  telemetry.log('info', { msg: 'call.transfer-unanswered', callSid });
  const claims: StreamClaims = {
    callSid,
    role,
    direction,
    callerHash,
    callerMasked: numberMasked,
    ...(keyId === undefined ? {} : { keyId }),
    ...(tollFree === undefined ? {} : { tollFree }),
    ...(transferTo === undefined ? {} : { transferTo }),
    returning: true,
    nonce: newNonce(),
    expiresAt: secsFromNow(clock.now(), limits.streamTokenLifeSecs),
  };
  return { twiml: streamTwiml(claims, services) };
}

/** Without the store we know nothing of the call: the caller still hears a sentence. */
async function findRecord(callSid: CallSid, { store, telemetry }: Services): Promise<CallRecord | undefined> {
  try {
    return await store.find(callSid);
  } catch (error) {
    reportProviderOrThrow(telemetry, error, callSid);
    return undefined;
  }
}

export const handler = createStreamEnded(wire);
