import type { Clock } from '#core/ports/clock.ts';

/** Timers by name: setting one replaces it, and all of them can be stopped at once. */
export interface Timers<Name extends string> {
  set(name: Name, ms: number, fire: () => void): void;
  isSet(name: Name): boolean;
  clear(name: Name): void;
  clearAll(): void;
}

export function createTimers<Name extends string>(clock: Clock): Timers<Name> {
  const running = new Map<Name, () => void>();

  const clear = (name: Name) => {
    running.get(name)?.();
    running.delete(name);
  };

  return {
    set(name, ms, fire) {
      clear(name);
      const cancel = clock.setTimer(ms, () => {
        running.delete(name);
        fire();
      });
      running.set(name, cancel);
    },
    isSet: (name) => running.has(name),
    clear,
    clearAll() {
      for (const name of [...running.keys()]) clear(name);
    },
  };
}
