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
  /** What a token holds of a visitor's id. */
  readonly visitorDigest: (visitorId: string) => string;
  readonly onFailure: (error: unknown) => void;
}

/** A phone's stream is signed by the carrier, a browser's has only its token. */
export type StreamChannel = 'phone' | 'web';

/** Nonces remembered in this process for when the shared memory is away: an hour of calls at full load. */
const rememberedMax = 10_000;

/** What can be seen of a browser's token before its stream begins. */
export function isWebToken(tokens: StreamTokens, token: string, now: Date): boolean {
  const claims = tokens.read(token);
  return 'direction' in claims && claims.direction === 'web' && claims.expiresAt * 1000 > now.getTime();
}

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

  /**
   * Never throws.
   * @param channel how the stream came in: a browser cannot use a token for a phone, nor the other way round.
   */
  return async (start: StreamStart, channel: StreamChannel = 'phone'): Promise<StreamAccess> => {
    const token = start.parameters['token'];
    if (token === undefined) return { refused: 'malformed' };
    const claims = tokens.read(token);
    if ('refused' in claims) return claims;
    if (claims.expiresAt * 1000 <= clock.now().getTime()) return { refused: 'expired' };
    if ((claims.direction === 'web') !== (channel === 'web')) return { refused: 'other-channel' };
    if (claims.callSid !== start.callSid) return { refused: 'other-call' };
    if (
      claims.visitor !== undefined &&
      claims.visitor !== options.visitorDigest(start.parameters['visitorId'] ?? '')
    )
      return { refused: 'other-visitor' };
    return (await redeem(claims)) ? { claims } : { refused: 'used' };
  };
}
