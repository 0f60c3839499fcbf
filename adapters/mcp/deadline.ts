import type { Clock } from '#core/ports/clock.ts';

/** A signal of our own for one piece of work: it follows a longer-lived one and fires when time is up. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Time was up, and nobody had cancelled before. */
  readonly expired: boolean;
  /** The work is over: neither the timer nor the longer-lived signal can reach it any more. */
  done(): void;
}

/**
 * The SDK never takes its listeners off a signal and tells the server to cancel a request that is long answered, so
 * it is only ever given a signal that lives as long as one request.
 */
export function startDeadline(clock: Clock, ms: number, cancelled?: AbortSignal): Deadline {
  const work = new AbortController();
  let expired = false;
  const cancelTimer = clock.setTimer(ms, () => {
    expired = !work.signal.aborted;
    work.abort();
  });
  const cancel = () => work.abort();
  cancelled?.addEventListener('abort', cancel, { once: true });
  if (cancelled?.aborted) cancel();

  return {
    signal: work.signal,
    get expired() {
      return expired;
    },
    done() {
      cancelTimer();
      cancelled?.removeEventListener('abort', cancel);
    },
  };
}

/** Waits for `work`, but not beyond `signal`; what becomes of the work then is of no interest. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
