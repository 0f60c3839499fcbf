/** The shared gate, and this process's own counter when that one is away: the caller's limit always holds. */
import type { CallerGate } from '../ports/caller-gate.ts';
import type { LocalLimiter } from '../rate-limits/local-limiter.ts';

export interface GuardedGateOptions {
  readonly shared: CallerGate;
  readonly local: LocalLimiter;
  /** The shared gate failed; throws what is not a provider's failure. */
  readonly onFailure: (error: unknown) => void;
}

/** `knock` throws only what `onFailure` throws. What is not known of a caller is not held against them. */
export function createGuardedGate({ shared, local, onFailure }: GuardedGateOptions): CallerGate {
  return {
    async knock(call, rule) {
      const askedAtMs = local.nowMs();
      try {
        const knock = await shared.knock(call, rule);
        if (knock.kind !== 'counted' || !knock.decision.allowed) return knock;
        // What was let through before a failure counts during it, and what was let through during it afterwards.
        const own = local.take(rule, call.callerHash, askedAtMs);
        return own.allowed ? knock : { ...knock, decision: own };
      } catch (error) {
        onFailure(error);
        return { kind: 'counted', conduct: undefined, decision: local.take(rule, call.callerHash) };
      }
    },
  };
}
