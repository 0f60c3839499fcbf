/** The call's named timers: at most one of each name runs. */
import type { Clock } from '#core/ports/clock.ts';

export interface Timers<Name extends string> {
  /** Starts the timer, in place of one of the same name. */
  set(name: Name, ms: number): void;
  /** Starts the timer unless one of the same name runs. */
  ensure(name: Name, ms: number): void;
  clear(name: Name): void;
  clearAll(): void;
}

export function createTimers<Name extends string>(clock: Clock, onFired: (name: Name) => void): Timers<Name> {
  const cancels = new Map<Name, () => void>();
  const clear = (name: Name) => {
    cancels.get(name)?.();
    cancels.delete(name);
  };
  const set = (name: Name, ms: number) => {
    clear(name);
    cancels.set(
      name,
      clock.setTimer(ms, () => {
        cancels.delete(name);
        onFired(name);
      }),
    );
  };
  return {
    set,
    ensure(name, ms) {
      if (!cancels.has(name)) set(name, ms);
    },
    clear,
    clearAll() {
      for (const name of [...cancels.keys()]) clear(name);
    },
  };
}
