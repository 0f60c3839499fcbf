import { setTimeout as delay } from 'node:timers/promises';

/** Far above anything on one machine; reached only by a test that fails. */
const patienceMs = 5_000;

/** A value that changes, and promises that resolve when it has become what a test waits for. */
export interface Watched {
  changed(): void;
  /** Rejects with `what` in its message when it never comes true. */
  until(what: string, isTrue: () => boolean): Promise<void>;
}

export function createWatched(): Watched {
  const waiting = new Set<() => void>();
  return {
    changed() {
      for (const check of [...waiting]) check();
    },
    async until(what, isTrue) {
      const reached = Promise.withResolvers<true>();
      const check = () => {
        if (isTrue()) reached.resolve(true);
      };
      waiting.add(check);
      check();
      const patience = new AbortController();
      const gaveUp = delay(patienceMs, undefined, { signal: patience.signal }).catch(() => undefined);
      const result = await Promise.race([reached.promise, gaveUp]);
      waiting.delete(check);
      patience.abort();
      if (!result) throw new Error(`Never came true: ${what}`);
    },
  };
}
