/** May this stream be a call? The token in its parameters must be ours, fresh, for this call, and unused. */
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { StreamStart } from '#core/ports/media-stream.ts';
import type { OneTimeTokens } from '#core/ports/one-time-tokens.ts';
import type { StreamTokens, TokenRefusal } from '#core/ports/stream-tokens.ts';

export type StreamAccess = { readonly claims: StreamClaims } | { readonly refused: TokenRefusal };

export interface StreamAccessOptions {
  readonly tokens: StreamTokens;
  readonly oneTimeTokens: OneTimeTokens;
  readonly clock: Clock;
  readonly onFailure: (error: unknown) => void;
}

/** Nonces remembered in this process for when the shared memory is away: an hour of calls at full load. */
const rememberedMax = 10_000;

export function createStreamAccess(options: StreamAccessOptions) {
  const { tokens, oneTimeTokens, clock, onFailure } = options;
  const remembered = new Set<string>();

  /** Both memories must agree; with the shared one away, a token still works only once per process. */
  const redeem = async ({ nonce, expiresAt }: StreamClaims): Promise<boolean> => {
    if (remembered.has(nonce)) return false;
    remembered.add(nonce);
    const [oldest] = remembered;
    if (remembered.size > rememberedMax && oldest !== undefined) remembered.delete(oldest);
    try {
      return await oneTimeTokens.redeem(nonce, new Date(expiresAt * 1000));
    } catch (error) {
      onFailure(error);
      return true;
    }
  };

  /** Never throws. */
  return async (start: StreamStart): Promise<StreamAccess> => {
    const token = start.parameters['token'];
    if (token === undefined) return { refused: 'malformed' };
    const claims = tokens.read(token);
    if ('refused' in claims) return claims;
    if (claims.expiresAt * 1000 <= clock.now().getTime()) return { refused: 'expired' };
    if (claims.callSid !== start.callSid) return { refused: 'other-call' };
    return (await redeem(claims)) ? { claims } : { refused: 'used' };
  };
}
