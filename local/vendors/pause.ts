import { setTimeout as wait } from 'node:timers/promises';

/** @returns whether the time has passed; false, and at once, when the signal aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  if (ms <= 0) return true;
  return wait(ms, true, { signal }).catch(() => false);
}
