/** The shared counter, and this process's own when that one is away: never none. */
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { Circuit } from './circuit.ts';
import type { LocalLimiter } from './local-limiter.ts';

export interface GuardedLimiterOptions {
  readonly shared: RateLimiter;
  readonly local: LocalLimiter;
  /** Whether the shared counter is asked at all; tells of its failures. */
  readonly circuit: Circuit;
}

/** `take` throws nothing that is a provider's failure, and waits for none that is known. */
export function createGuardedLimiter({ shared, local, circuit }: GuardedLimiterOptions): RateLimiter {
  return {
    take(rule, subject) {
      const askedAtMs = local.nowMs();
      return circuit.run(
        async () => {
          const decision = await shared.take(rule, subject);
          if (!decision.allowed) return decision;
          // What was let through before a failure counts during it, and what was let through during it afterwards.
          const own = local.take(rule, subject, askedAtMs);
          return own.allowed ? decision : own;
        },
        () => local.take(rule, subject, askedAtMs),
      );
    },
  };
}
