import type { Clock } from '#core/ports/clock.ts';

/** Real time, for tests over sockets that do not depend on it. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  now: () => new Date(),
  setTimer(ms, fire) {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
};

/** Real time in which waits of under a second are skipped: what would be waited for between two attempts. */
export const impatientClock: Clock = {
  ...systemClock,
  setTimer: (ms, fire) => systemClock.setTimer(ms < 1_000 ? 0 : ms, fire),
};

export interface ManualClock extends Clock {
  /** Moves time on and fires, in order, what became due, also what is set on the way. */
  advance(ms: number): void;
  timersSet(): number;
}

/** Time that stands still until it is moved. */
export function createManualClock(): ManualClock {
  let nowMs = 0;
  const timers = new Set<{ readonly dueMs: number; readonly fire: () => void }>();

  const nextDue = (untilMs: number) =>
    [...timers].filter((timer) => timer.dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];

  return {
    nowMs: () => nowMs,
    now: () => new Date(nowMs),
    setTimer(ms, fire) {
      const timer = { dueMs: nowMs + ms, fire };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (let due = nextDue(untilMs); due; due = nextDue(untilMs)) {
        nowMs = Math.max(nowMs, due.dueMs);
        timers.delete(due);
        due.fire();
      }
      nowMs = untilMs;
    },
    timersSet: () => timers.size,
  };
}
