/** Stream tokens as `v1.<claims>.<HMAC-SHA256>`: short enough for a TwiML parameter. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type StreamClaims, streamClaimsSchema } from '#core/calls/stream-claims.ts';
import type { StreamTokens } from '#core/ports/stream-tokens.ts';

/** One letter per claim: Twilio takes less than 500 characters. */
const shortNames = {
  callSid: 'c',
  role: 'r',
  direction: 'd',
  voice: 'v',
  transferTo: 't',
  callerHash: 'h',
  callerMasked: 'm',
  visitor: 'i',
  maxSecs: 'x',
  nonce: 'n',
  expiresAt: 'e',
  keyId: 'k',
  tollFree: 'f',
  allowanceUsd: 'a',
  returning: 'b',
} as const satisfies Record<keyof StreamClaims, string>;

const version = 'v1';
/** A token is never longer; what is longer is not ours. */
const tokenCharsMax = 499;

const macOf = (secret: string, signed: string) => createHmac('sha256', secret).update(signed).digest();

/** @param secrets the first one signs; all of them verify, so that one can be replaced while calls come in. */
export function createStreamTokens(options: { readonly secrets: readonly string[] }): StreamTokens {
  const [signingSecret] = options.secrets;
  if (signingSecret === undefined) throw new RangeError('Stream tokens need at least one secret');
  return {
    issue(claims) {
      const short = Object.entries(shortNames).map(([name, letter]) => [
        letter,
        claims[name as keyof StreamClaims],
      ]);
      const payload = Buffer.from(JSON.stringify(Object.fromEntries(short))).toString('base64url');
      const signed = `${version}.${payload}`;
      return `${signed}.${macOf(signingSecret, signed).toString('base64url')}`;
    },
    read(token) {
      const [tag, payload, mac, ...rest] = token.split('.');
      if (tag !== version || !payload || !mac || rest.length > 0 || token.length > tokenCharsMax)
        return { refused: 'malformed' };
      const given = Buffer.from(mac, 'base64url');
      const matches = options.secrets.some((secret) => {
        const expected = macOf(secret, `${tag}.${payload}`);
        return given.length === expected.length && timingSafeEqual(given, expected);
      });
      if (!matches) return { refused: 'bad-signature' };
      return readClaims(payload) ?? { refused: 'malformed' };
    },
  };
}

function readClaims(payload: string): StreamClaims | undefined {
  try {
    const short = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const present = Object.entries(shortNames).filter(([, letter]) => short[letter] !== undefined);
    const long = present.map(([name, letter]) => [name, short[letter]]);
    const parsed = streamClaimsSchema.safeParse(Object.fromEntries(long));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
