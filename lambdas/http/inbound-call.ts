/** `POST /call/incoming`: somebody calls. Answered with a media stream, or with a sentence. */
import { sayAndHangUpTwiml } from '#adapters/twilio/twiml.ts';
import { type IncomingCall, parseIncomingCall } from '#adapters/twilio/webhooks.ts';
import { refusalWords } from '#core/abuse/refusal-words.ts';
import { lastWords } from '#core/calls/last-words.ts';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import { phrase } from '#core/conversation/phrases.ts';
import { isTollFree } from '#core/costs/toll-free.ts';
import { HttpProblem } from '#core/http/problem.ts';
import { limits } from '#core/limits.ts';
import { personaFor } from '#core/personas/index.ts';
import { type Role, roleSchema } from '#core/personas/role.ts';
import { maskPhoneNumber } from '#core/phone-number.ts';
import { admitCaller, type CallerRefusal } from '../calls/caller-admission.ts';
import { openRinging, secsFromNow, streamTwiml } from '../calls/connect-call.ts';
import { closeRefusedCall } from '../costs/refused-call.ts';
import type { LoadServices, Services } from '../services.ts';
import { type WebhookAnswer, type WebhookRequest, webhookFunction } from '../stacks/webhook-function.ts';
import { wire } from '../wire.ts';

export const createInboundCall = (load: LoadServices) =>
  webhookFunction(load, answerCall, () => sayAndHangUpTwiml(lastWords('adult', 'cut-off')));

async function answerCall(request: WebhookRequest, services: Services): Promise<WebhookAnswer> {
  const parsed = parseIncomingCall(request.params);
  if (!parsed.ok) throw new HttpProblem('bad_request', `This is not an incoming call: ${parsed.problem}`);
  const call = parsed.value;
  const claims = claimsFor(call, request.query['role'], services);
  const admission = await admitCaller({ claims, from: call.From, to: call.To }, services);
  if (!admission.admitted) return refuseCaller(claims, admission, services);
  return { twiml: streamTwiml(admission.claims, services) };
}

function claimsFor(call: IncomingCall, askedRole: string | undefined, services: Services): StreamClaims {
  const { config, clock, hashNumber, newNonce } = services;
  const number = config.INBOUND_PHONE_MAP[call.To];
  return {
    callSid: call.CallSid,
    role: number?.role ?? roleOf(askedRole, services),
    direction: 'inbound',
    ...(number?.voice === undefined ? {} : { voice: number.voice }),
    ...(number?.transferTo === undefined ? {} : { transferTo: number.transferTo }),
    ...(isTollFree(call.To) ? { tollFree: true } : {}),
    callerHash: hashNumber(call.From),
    callerMasked: maskPhoneNumber(call.From),
    nonce: newNonce(),
    expiresAt: secsFromNow(clock.now(), limits.streamTokenLifeSecs),
  };
}

/** A caller is waiting: a role that nobody knows is not their mistake. */
function roleOf(asked: string | undefined, { config, telemetry }: Services): Role {
  if (asked === undefined || asked === '') return config.DEFAULT_ROLE;
  const parsed = roleSchema.safeParse(asked);
  if (parsed.success) return parsed.data;
  telemetry.log('warn', { msg: 'call.unknown-role', role: config.DEFAULT_ROLE });
  return config.DEFAULT_ROLE;
}

/** Kind, with the numbers that help, and with the time to come back where there is one. The sentence costs a minute. */
async function refuseCaller(
  claims: StreamClaims,
  { limit, retryAfterSecs, opened }: CallerRefusal,
  services: Services,
): Promise<WebhookAnswer> {
  const { callSid, callerHash, role } = claims;
  const { telemetry } = services;
  const wait = retryAfterSecs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterSecs) };
  telemetry.emit('info', { msg: 'limit.hit', limit, callSid, callerHash, ...wait });
  telemetry.metric('CallsRefused', 1);
  const isNew = opened ?? (await openRinging(claims, services)) === 'new';
  if (isNew) await closeRefusedCall(claims, services);
  const { audience } = personaFor(role);
  const words =
    retryAfterSecs === undefined ? phrase(audience, 'refused') : refusalWords(audience, retryAfterSecs);
  return { twiml: sayAndHangUpTwiml(words) };
}

export const handler = createInboundCall(wire);
