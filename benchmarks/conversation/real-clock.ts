/** The clock of virtual calls on real time: it cannot be moved, only waited for. */
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '#adapters/system-clock/clock.ts';
import type { VirtualClock } from '#tests/support/virtual-clock.ts';

const pollMs = 20;

export function createRealClock(): VirtualClock {
  return {
    ...systemClock,
    advance: (ms) => delay(ms),
    async advanceUntil(condition, limitMs = 60_000) {
      const deadlineMs = systemClock.nowMs() + limitMs;
      while (!condition()) {
        if (systemClock.nowMs() >= deadlineMs) throw new Error(`Still waiting after ${limitMs} ms`);
        await delay(pollMs);
      }
    },
  };
}
