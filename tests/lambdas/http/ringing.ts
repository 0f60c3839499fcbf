/** Somebody calls. */
import { createStreamTokens } from '#adapters/crypto/stream-tokens.ts';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import type { CallSid } from '#core/ids.ts';
import { createInboundCall } from '#lambdas/http/inbound-call.ts';
import {
  type Answer,
  invoke,
  type TestFunctions,
  type WebhookParts,
  webhookEvent,
} from '#tests/lambdas/functions.ts';

export const callSid = 'CA00000000000000000000000000000001' as CallSid;
/** As Twilio sends them, with a space, an accent, a plus and an empty value. */
export const params = {
  CallSid: callSid,
  AccountSid: 'AC00000000000000000000000000000001',
  From: '+14155550100',
  To: '+18005550199',
  CallStatus: 'ringing',
  Direction: 'inbound',
  ApiVersion: '2010-04-01',
  FromCity: 'SAN JOSÉ & CO',
  FromZip: '',
  StirVerstat: 'TN-Validation-Passed-A',
};

export const ring = (functions: TestFunctions, parts: Partial<WebhookParts> = {}): Promise<Answer> =>
  invoke(createInboundCall(functions.load), webhookEvent({ path: '/call/incoming', params, ...parts }));

export function claimsIn(answer: Answer): StreamClaims {
  const [, token = ''] = /<Parameter name="token" value="([^"]+)"/.exec(answer.body) ?? [];
  const claims = createStreamTokens({ secrets: ['stream secret'] }).read(token);
  if ('refused' in claims) throw new Error(`The token was refused: ${claims.refused}`);
  return claims;
}
