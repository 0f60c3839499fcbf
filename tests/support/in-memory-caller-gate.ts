import type { CallerGate } from '#core/ports/caller-gate.ts';
import type { ConductStore } from '#core/ports/conduct-store.ts';
import type { LocalLimiter } from '#core/rate-limits/local-limiter.ts';

export interface GateMemory {
  readonly local: LocalLimiter;
  readonly conducts: Pick<ConductStore, 'find'>;
  readonly isBlocked: (callerHash: string) => boolean;
}

export function createInMemoryCallerGate({ local, conducts, isBlocked }: GateMemory): CallerGate {
  const lastCalls = new Map<string, string>();
  return {
    isBlocked: async (callerHash) => isBlocked(callerHash),
    async knock({ callSid, callerHash }, rule) {
      if (isBlocked(callerHash)) return { kind: 'blocked' };
      const conduct = await conducts.find(callerHash);
      if (conduct && (conduct.blockedUntilMs ?? 0) > local.nowMs()) return { kind: 'shut-out', conduct };
      if (lastCalls.get(callerHash) === callSid) return { kind: 'repeated', conduct };
      lastCalls.set(callerHash, callSid);
      return { kind: 'counted', conduct, decision: local.take(rule, callerHash) };
    },
  };
}
