/** The calls of this process: how many, whether another may come, and how they end when the process must. */
import type { CallSession } from './call-session.ts';

export interface CallRegistry {
  /** Streams accepted and calls running. */
  readonly active: number;
  /** Takes a place, or says why not. */
  admit(): 'admitted' | 'at-capacity' | 'draining';
  /** Gives the place back; call once per `admitted`. */
  release(): void;
  add(call: CallSession): void;
  remove(call: CallSession): void;
  /** From here no new call is admitted. */
  stopAdmitting(): void;
  readonly isDraining: boolean;
  calls(): readonly CallSession[];
  /** Resolves when no stream and no call is left. */
  emptied(): Promise<void>;
}

export function createCallRegistry(options: { readonly callsMax: number }): CallRegistry {
  const running = new Set<CallSession>();
  let active = 0;
  let draining = false;
  let waiting: (() => void)[] = [];

  return {
    get active() {
      return active;
    },
    get isDraining() {
      return draining;
    },
    admit() {
      if (draining) return 'draining';
      if (active >= options.callsMax) return 'at-capacity';
      active += 1;
      return 'admitted';
    },
    release() {
      active -= 1;
      if (active > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    add: (call) => void running.add(call),
    remove: (call) => void running.delete(call),
    stopAdmitting() {
      draining = true;
    },
    calls: () => [...running],
    emptied: () => (active === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
