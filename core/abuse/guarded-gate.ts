/** The shared gate, and this process's own counter when that one is away: the caller's limit always holds. */
import type { CallerGate, Knock } from '../ports/caller-gate.ts';
import type { Circuit } from '../rate-limits/circuit.ts';
import type { LocalLimiter } from '../rate-limits/local-limiter.ts';

export interface GuardedGateOptions {
  readonly shared: CallerGate;
  readonly local: LocalLimiter;
  /** Whether the shared gate is asked at all; tells of its failures. */
  readonly circuit: Circuit;
}

/**
 * Throws nothing that is a provider's failure, and waits for none that is known. What cannot be found out of a caller is
 * not held against them.
 */
export function createGuardedGate({ shared, local, circuit }: GuardedGateOptions): CallerGate {
  return {
    isBlocked: (callerHash) =>
      circuit.run(
        () => shared.isBlocked(callerHash),
        () => false,
      ),
    knock(call, rule) {
      const askedAtMs = local.nowMs();
      const take = () => local.take(rule, call.callerHash, askedAtMs);
      return circuit.run<Knock>(
        async () => {
          const knock = await shared.knock(call, rule);
          if (knock.kind !== 'counted' || !knock.decision.allowed) return knock;
          // What was let through before a failure counts during it, and what was let through during it afterwards.
          const own = take();
          return own.allowed ? knock : { ...knock, decision: own };
        },
        () => ({ kind: 'counted', conduct: undefined, decision: take() }),
      );
    },
  };
}
