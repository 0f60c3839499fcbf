/** A door that opens once: a draft's tools and words wait behind it until the draft is confirmed. */
import { CancelledError } from '#core/errors.ts';

export interface Gate {
  open(): void;
  /** Throws `CancelledError` when the signal aborts first. */
  passed(signal: AbortSignal): Promise<void>;
}

export function createGate(isOpen: boolean): Gate {
  let open = isOpen;
  const waiting = new Set<() => void>();
  return {
    open() {
      open = true;
      for (const resolve of waiting) resolve();
      waiting.clear();
    },
    passed(signal) {
      if (open) return Promise.resolve();
      if (signal.aborted) return Promise.reject(new CancelledError());
      return new Promise((resolve, reject) => {
        const cancelled = () => {
          waiting.delete(pass);
          reject(new CancelledError());
        };
        const pass = () => {
          signal.removeEventListener('abort', cancelled);
          resolve();
        };
        waiting.add(pass);
        signal.addEventListener('abort', cancelled, { once: true });
      });
    },
  };
}
