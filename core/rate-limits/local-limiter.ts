/** The same bounds as the shared counter, for one process: what holds when the table does not answer. */
import {
  currentSlots,
  isOutlived,
  judge,
  type RateDecision,
  type RateRule,
  type SlotCounts,
} from './sliding-window.ts';

/** Subjects counted at once: far more than a process meets in an hour; the one seen longest ago goes first. */
const subjectsMax = 20_000;
/** A request waits for the shared counter as long as its function may run, and is judged as of when it came. */
const waitMsMax = 30_000;

export interface LocalLimiter {
  /** @param atMs when the request came; now, unless something was waited for since. */
  take(rule: RateRule, subject: string, atMs?: number): RateDecision;
  nowMs(): number;
}

export function createLocalLimiter(nowMs: () => number): LocalLimiter {
  const counters = new Map<string, Record<string, number>>();
  const withThisOne = (rule: RateRule, subject: string, atMs: number): Record<string, number> => {
    const before: SlotCounts = counters.get(`${rule.name}#${subject}`) ?? {};
    const counts = Object.fromEntries(
      Object.entries(before).filter(([name]) => !isOutlived(rule, name, atMs - waitMsMax)),
    );
    for (const slot of currentSlots(rule, atMs)) counts[slot] = (counts[slot] ?? 0) + 1;
    return counts;
  };
  const keep = (rule: RateRule, subject: string, counts: Record<string, number>) => {
    const key = `${rule.name}#${subject}`;
    counters.delete(key);
    counters.set(key, counts);
    const [oldest] = counters.keys();
    if (counters.size > subjectsMax && oldest !== undefined) counters.delete(oldest);
  };
  return {
    take(rule, subject, atMs = nowMs()) {
      const counts = withThisOne(rule, subject, atMs);
      const decision = judge(rule, counts, Math.max(atMs, nowMs()), atMs);
      if (decision.allowed) keep(rule, subject, counts);
      return decision;
    },
    nowMs,
  };
}
