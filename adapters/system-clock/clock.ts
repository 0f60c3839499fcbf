import type { Clock } from '#core/ports/clock.ts';

/**
 * Real time. Timers keep the process alive: a timer is always somebody's wait for something that must still happen,
 * and whoever set it clears it when it is no longer wanted.
 */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  now: () => new Date(),
  setTimer(ms, fire) {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
};
