/** `POST /call/answered`: somebody has answered a call that we placed. Connected with a media stream. */
import * as z from 'zod';
import { sayAndHangUpTwiml } from '#adapters/twilio/twiml.ts';
import { parseIncomingCall } from '#adapters/twilio/webhooks.ts';
import { lastWords } from '#core/calls/last-words.ts';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import { HttpProblem } from '#core/http/problem.ts';
import { limits } from '#core/limits.ts';
import { roleSchema } from '#core/personas/role.ts';
import { maskPhoneNumber } from '#core/phone-number.ts';
import { openRecord, secsFromNow, streamTwiml } from '../calls/connect-call.ts';
import type { LoadServices, Services } from '../services.ts';
import { type WebhookAnswer, type WebhookRequest, webhookFunction } from '../stacks/webhook-function.ts';
import { wire } from '../wire.ts';

/** Taken out of the budgets when the call was placed, US dollars. */
const allowanceSchema = z.coerce.number().nonnegative().optional().catch(undefined);

export const createCallAnswered = (load: LoadServices) =>
  webhookFunction(load, connect, () => sayAndHangUpTwiml(lastWords('adult', 'cut-off')));

async function connect(request: WebhookRequest, services: Services): Promise<WebhookAnswer> {
  const parsed = parseIncomingCall(request.params);
  if (!parsed.ok) throw new HttpProblem('bad_request', `This is not an answered call: ${parsed.problem}`);
  const { config, clock, hashNumber, newNonce } = services;
  const { CallSid: callSid, To: to } = parsed.value;
  // The address is part of what Twilio signs: role and voice are what we have put there.
  const role = roleSchema.catch(config.DEFAULT_ROLE).parse(request.query['role']);
  const { voice, key: keyId } = request.query;
  const allowanceUsd = allowanceSchema.parse(request.query['allowance']);
  const claims: StreamClaims = {
    callSid,
    role,
    direction: 'outbound',
    ...(voice === undefined ? {} : { voice }),
    ...(keyId === undefined ? {} : { keyId }),
    ...(allowanceUsd === undefined ? {} : { allowanceUsd }),
    callerHash: hashNumber(to),
    callerMasked: maskPhoneNumber(to),
    nonce: newNonce(),
    expiresAt: secsFromNow(clock.now(), limits.streamTokenLifeSecs),
  };
  const { direction, callerMasked: numberMasked, callerHash } = claims;
  await openRecord(
    {
      callSid,
      role,
      direction,
      numberMasked,
      callerHash,
      status: 'in-progress',
      ...(keyId === undefined ? {} : { keyId }),
      ...(allowanceUsd === undefined ? {} : { allowanceUsd }),
    },
    services,
  );
  return { twiml: streamTwiml(claims, services) };
}

export const handler = createCallAnswered(wire);
