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
      try {
        const decision = await shared.take(rule, subject);
        // What was let through before a failure counts after it too.
        if (decision.allowed) local.note(rule, subject);
        return decision;
      } catch (error) {
        onFailure(error);
        return local.take(rule, subject);
      }
    },
  };
}
