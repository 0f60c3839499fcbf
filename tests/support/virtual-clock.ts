/** Time that moves only when a test moves it. Between two timers every promise that can settle does. */
import type { Clock } from '#core/ports/clock.ts';

export interface VirtualClock extends Clock {
  advance(ms: number): Promise<void>;
  /** Advances in small steps until the condition holds. Throws after `limitMs` of virtual time. */
  advanceUntil(condition: () => boolean, limitMs?: number): Promise<void>;
}

/** Before the next macrotask every chain of promises runs out, however deep it is. */
const settle = () => new Promise<void>((resolve) => void setImmediate(resolve));

export function createVirtualClock(startsAt = new Date('2026-11-21T12:00:00Z')): VirtualClock {
  let nowMs = 0;
  let nextId = 0;
  const timers = new Map<number, { atMs: number; fire: () => void }>();

  const nextDue = (untilMs: number) =>
    [...timers.entries()]
      .filter(([, { atMs }]) => atMs <= untilMs)
      .sort(([idA, a], [idB, b]) => a.atMs - b.atMs || idA - idB)[0];

  const advance = async (ms: number) => {
    const untilMs = nowMs + ms;
    await settle();
    for (let due = nextDue(untilMs); due; due = nextDue(untilMs)) {
      const [id, { atMs, fire }] = due;
      timers.delete(id);
      nowMs = Math.max(nowMs, atMs);
      fire();
      await settle();
    }
    nowMs = untilMs;
  };

  return {
    nowMs: () => nowMs,
    now: () => new Date(startsAt.getTime() + nowMs),
    setTimer(ms, fire) {
      nextId += 1;
      const id = nextId;
      timers.set(id, { atMs: nowMs + Math.max(0, ms), fire });
      return () => void timers.delete(id);
    },
    advance,
    async advanceUntil(condition, limitMs = 60_000) {
      const deadlineMs = nowMs + limitMs;
      await settle();
      while (!condition()) {
        if (nowMs >= deadlineMs) throw new Error(`Still waiting after ${limitMs} ms of virtual time`);
        await advance(20);
      }
    },
  };
}
