/** The shared counter, and this process's own when that one is away: never none. */
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { LocalLimiter } from './local-limiter.ts';

export interface GuardedLimiterOptions {
  readonly shared: RateLimiter;
  readonly local: LocalLimiter;
  /** The shared counter failed; throws what is not a provider's failure. */
  readonly onFailure: (error: unknown) => void;
}

/** `take` throws only what `onFailure` throws. */
export function createGuardedLimiter({ shared, local, onFailure }: GuardedLimiterOptions): RateLimiter {
  return {
    async take(rule, subject) {
      const askedAtMs = local.nowMs();
      try {
        const decision = await shared.take(rule, subject);
        if (!decision.allowed) return decision;
        // What was let through before a failure counts during it, and what was let through during it afterwards.
        const own = local.take(rule, subject, askedAtMs);
        return own.allowed ? decision : own;
      } catch (error) {
        onFailure(error);
        return local.take(rule, subject);
      }
    },
  };
}
