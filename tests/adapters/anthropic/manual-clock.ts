import type { Clock } from '#core/ports/clock.ts';

export interface ManualClock extends Clock {
  /** Moves time on and fires, in order, what became due, also what is set on the way. */
  advance(ms: number): void;
  timersSet(): number;
  /** Resolves when a timer is running. */
  timerSet(): Promise<void>;
  /** Resolves when one more timer is set. */
  nextTimer(): Promise<void>;
  /** Resolves when no timer is running. */
  noTimers(): Promise<void>;
}

interface Timer {
  readonly dueMs: number;
  readonly fire: () => void;
}

/** Time that stands still until it is moved. */
export function createManualClock(): ManualClock {
  let nowMs = 0;
  let timersEverSet = 0;
  const timers = new Set<Timer>();
  const waiting: { readonly met: () => boolean; readonly resolve: () => void }[] = [];

  const changed = () => {
    for (const waiter of [...waiting]) {
      if (!waiter.met()) continue;
      waiting.splice(waiting.indexOf(waiter), 1);
      waiter.resolve();
    }
  };
  const nextDue = (untilMs: number) =>
    [...timers].filter((timer) => timer.dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];
  const when = (met: () => boolean) =>
    met() ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ met, resolve }));

  return {
    nowMs: () => nowMs,
    now: () => new Date(nowMs),
    setTimer(ms, fire) {
      const timer = { dueMs: nowMs + ms, fire };
      timers.add(timer);
      timersEverSet += 1;
      changed();
      return () => {
        timers.delete(timer);
        changed();
      };
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (let due = nextDue(untilMs); due; due = nextDue(untilMs)) {
        nowMs = Math.max(nowMs, due.dueMs);
        timers.delete(due);
        due.fire();
      }
      nowMs = untilMs;
      changed();
    },
    timersSet: () => timers.size,
    timerSet: () => when(() => timers.size > 0),
    nextTimer() {
      const before = timersEverSet;
      return when(() => timersEverSet > before);
    },
    noTimers: () => when(() => timers.size === 0),
  };
}
