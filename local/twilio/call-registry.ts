import type { SimulatedCall } from './call.ts';
import type { CallLedger } from './ledger.ts';

/** Calls that can be looked up, also a while after their end. */
export interface CallRegistry {
  add(call: SimulatedCall): SimulatedCall;
  find(callSid: string): SimulatedCall | undefined;
  /** Newest first, as the API lists them. */
  newestFirst(): readonly SimulatedCall[];
  ledger(): readonly CallLedger[];
  /** Resolves when all are over. */
  endAll(): Promise<void>;
}

/** Beyond that the oldest that are over are forgotten. */
const callsMax = 10_000;

export function createCallRegistry(): CallRegistry {
  const calls = new Map<string, SimulatedCall>();
  return {
    add(call) {
      calls.set(call.callSid, call);
      if (calls.size > callsMax) {
        const oldest = [...calls.values()].find((known) => known.isOver());
        if (oldest) calls.delete(oldest.callSid);
      }
      // Its own mistakes are the exchange's: they must not pass unseen.
      call.done.catch((error: unknown) => console.error(error));
      return call;
    },
    find: (callSid) => calls.get(callSid),
    newestFirst: () => [...calls.values()].reverse(),
    ledger: () => [...calls.values()].map((call) => call.ledger),
    async endAll() {
      const running = [...calls.values()];
      for (const call of running) call.hangUp();
      await Promise.allSettled(running.map(({ done }) => done));
    },
  };
}
