/** `POST /call/incoming`: somebody calls. Answered with a media stream, or with a sentence. */
import { sayAndHangUpTwiml } from '#adapters/twilio/twiml.ts';
import { type IncomingCall, parseIncomingCall } from '#adapters/twilio/webhooks.ts';
import { lastWords } from '#core/calls/last-words.ts';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import { phrase } from '#core/conversation/phrases.ts';
import { allowanceOf } from '#core/costs/budget-guard.ts';
import { budgetLimitName } from '#core/costs/budgets.ts';
import { isTollFree } from '#core/costs/toll-free.ts';
import { HttpProblem } from '#core/http/problem.ts';
import { limits } from '#core/limits.ts';
import { personaFor } from '#core/personas/index.ts';
import { type Role, roleSchema } from '#core/personas/role.ts';
import { maskPhoneNumber } from '#core/phone-number.ts';
import { openRecord, secsFromNow, streamTwiml } from '../calls/connect-call.ts';
import { closeRefusedCall } from '../costs/refused-call.ts';
import { reportProviderOrThrow } from '../failures.ts';
import { type WebhookAnswer, type WebhookRequest, webhookFunction } from '../middleware.ts';
import type { LoadServices, Services } from '../services.ts';
import { wire } from '../wire.ts';

export const createInboundCall = (load: LoadServices) =>
  webhookFunction(load, answerCall, () => sayAndHangUpTwiml(lastWords('adult', 'cut-off')));

async function answerCall(request: WebhookRequest, services: Services): Promise<WebhookAnswer> {
  const parsed = parseIncomingCall(request.params);
  if (!parsed.ok) throw new HttpProblem('bad_request', `This is not an incoming call: ${parsed.problem}`);
  const call = parsed.value;
  const claims = claimsFor(call, request.query['role'], services);
  if (await isBlocked(claims, services)) {
    services.telemetry.emit('info', {
      msg: 'limit.hit',
      limit: 'block-list',
      callSid: claims.callSid,
      callerHash: claims.callerHash,
    });
    return refuse(claims, services);
  }
  const reserved = await services.budgetGuard.reserve(claims);
  if (!reserved.ok) {
    const { callSid, callerHash } = claims;
    const limit = budgetLimitName(reserved.account);
    services.telemetry.emit('warn', { msg: 'limit.hit', limit, callSid, callerHash });
    return refuse(claims, services);
  }
  const admitted = { ...claims, ...allowanceOf(reserved) };
  const {
    callSid,
    role,
    direction,
    callerMasked: numberMasked,
    callerHash,
    tollFree,
    allowanceUsd,
  } = admitted;
  await openRecord(
    {
      callSid,
      role,
      direction,
      numberMasked,
      callerHash,
      status: 'ringing',
      ...(tollFree === undefined ? {} : { tollFree }),
      ...(allowanceUsd === undefined ? {} : { allowanceUsd }),
    },
    services,
  );
  return { twiml: streamTwiml(admitted, services) };
}

/** By a sentence, which costs a minute of the line. */
async function refuse(claims: StreamClaims, services: Services): Promise<WebhookAnswer> {
  services.telemetry.metric('CallsRefused', 1);
  await closeRefusedCall(claims, services);
  return { twiml: sayAndHangUpTwiml(phrase(personaFor(claims.role).audience, 'refused')) };
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

/** A list that cannot be read must not keep a caller in need away. */
async function isBlocked({ callSid, callerHash }: StreamClaims, services: Services): Promise<boolean> {
  try {
    return await services.blockList.isBlocked(callerHash);
  } catch (error) {
    reportProviderOrThrow(services.telemetry, error, callSid);
    return false;
  }
}

export const handler = createInboundCall(wire);
