import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 50;
/** One question; a process that is there answers in milliseconds. */
const questionTimeoutMs = 1_000;

/** Asks until the address answers 200. @returns false when it did not in time, or the signal aborted. */
export async function untilHealthy(url: string, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  const deadlineMs = performance.now() + timeoutMs;
  while (performance.now() < deadlineMs && !signal.aborted) {
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(questionTimeoutMs)]);
      const response = await fetch(url, { signal: limit });
      await response.body?.cancel();
      if (response.status === 200) return true;
    } catch {
      // Not there yet.
    }
    await delay(pollMs, undefined, { signal }).catch(() => undefined);
  }
  return false;
}
