/** Asks what has stopped answering only now and then, so that not every request waits for it in vain. */
import { isProviderError, type ProviderError } from '../errors.ts';

export const circuitLimits = {
  /** A function has one request at a time: three have waited then, and the fourth does not. */
  failuresMax: 3,
  /** Between two questions while it is open: a request in ten seconds still waits, and an outage ends unnoticed for ten at most. */
  openMs: 10_000,
} as const;

export interface CircuitOptions {
  readonly nowMs: () => number;
  readonly failuresMax?: number;
  readonly openMs?: number;
  /** A failure that counted: those that open the circuit, and each probe's. What was under way meanwhile is not told. */
  readonly onFailure: (error: ProviderError) => void;
  /** Once for each outage. */
  readonly onOpened: () => void;
  readonly onClosed: (openForMs: number) => void;
}

export interface Circuit {
  /**
   * `work` while the circuit is closed, `instead` at once while it is open, and when `work` failed. One `work` in
   * `openMs` is tried while it is open: its success closes the circuit.
   * Throws what `instead` throws, and what `work` throws that is no `ProviderError`: it says nothing of the provider.
   */
  run<T>(work: () => Promise<T>, instead: () => T | Promise<T>): Promise<T>;
}

type State =
  | { readonly is: 'closed'; readonly failures: number }
  | { readonly is: 'open'; readonly sinceMs: number; readonly probeAtMs: number };

export function createCircuit(options: CircuitOptions): Circuit {
  const { nowMs, failuresMax = circuitLimits.failuresMax, openMs = circuitLimits.openMs } = options;
  let state: State = { is: 'closed', failures: 0 };
  /** What began before the last change is old news when it ends. */
  let era = 0;

  /** @returns the era of the attempt, undefined when there is to be none. */
  const enter = (): number | undefined => {
    if (state.is === 'closed') return era;
    if (nowMs() < state.probeAtMs) return undefined;
    // A probe that never ends keeps nobody from sending the next.
    state = { ...state, probeAtMs: nowMs() + openMs };
    era += 1;
    return era;
  };
  const succeeded = () => {
    const before = state;
    state = { is: 'closed', failures: 0 };
    if (before.is === 'closed') return;
    era += 1;
    options.onClosed(nowMs() - before.sinceMs);
  };
  const failed = (error: ProviderError) => {
    const probeAtMs = nowMs() + openMs;
    const opens = state.is === 'closed' && state.failures + 1 >= failuresMax;
    if (state.is === 'open') state = { ...state, probeAtMs };
    else if (opens) state = { is: 'open', sinceMs: nowMs(), probeAtMs };
    else state = { is: 'closed', failures: state.failures + 1 };
    if (opens) era += 1;
    options.onFailure(error);
    if (opens) options.onOpened();
  };

  return {
    async run(work, instead) {
      const attempt = enter();
      if (attempt === undefined) return instead();
      try {
        const value = await work();
        if (attempt === era) succeeded();
        return value;
      } catch (error) {
        if (!isProviderError(error)) throw error;
        if (attempt === era) failed(error);
        return instead();
      }
    },
  };
}
