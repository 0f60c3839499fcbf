/**
 * Sliding windows, counted in slots. A window is judged with its current slot and all slots that reach into it, so
 * that no stretch of time of the window's length ever holds more than `max`; the price is that room comes back up to
 * one slot late.
 */

export interface RateWindow {
  readonly seconds: number;
  /** Requests let through in any stretch of that length. */
  readonly max: number;
}

export interface RateRule {
  /** Stands in `limit.hit` lines and in the key of the counter. */
  readonly name: string;
  readonly windows: readonly RateWindow[];
}

/** Admitted requests per slot, by the names of `slotName`. */
export type SlotCounts = Readonly<Record<string, number>>;

export interface RateDecision {
  readonly allowed: boolean;
  /** Of the window that is nearest to its bound. */
  readonly limit: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  /** Until that window has more room. */
  readonly resetSeconds: number;
  /** Epoch milliseconds from which another attempt makes sense; the time of asking when allowed. */
  readonly retryAtMs: number;
}

/** Slots of 2 s in a minute, of 2 min in an hour: room comes back at most 3 % of the window late. */
export const slotsPerWindow = 30;

const slotMsOf = ({ seconds }: RateWindow): number => (seconds * 1000) / slotsPerWindow;
const slotIndex = (window: RateWindow, nowMs: number): number => Math.floor(nowMs / slotMsOf(window));

export const slotName = (window: RateWindow, index: number): string => `w${window.seconds}_${index}`;

/** Where a request at `nowMs` is counted: one slot in each window. */
export const currentSlots = ({ windows }: RateRule, nowMs: number): readonly string[] =>
  windows.map((window) => slotName(window, slotIndex(window, nowMs)));

/** Removed by each write: in steady use no more than one more slot of a window is out of use at a time. */
const removedAtOnce = 2;

/** Slots that have just gone out of use; those that a pause has left are found by `isOutlived`. */
export const outlivedSlots = ({ windows }: RateRule, nowMs: number): readonly string[] =>
  windows.flatMap((window) => {
    const last = slotIndex(window, nowMs) - slotsPerWindow - 1;
    return Array.from({ length: removedAtOnce }, (_, i) => slotName(window, last - i));
  });

const slotPattern = /^w(\d+)_(\d+)$/;

/** Whether `name` is a slot of the rule that nothing looks at any more. */
export function isOutlived({ windows }: RateRule, name: string, nowMs: number): boolean {
  const [, seconds, index] = slotPattern.exec(name) ?? [];
  const window = windows.find((one) => String(one.seconds) === seconds);
  return window !== undefined && Number(index) < slotIndex(window, nowMs) - slotsPerWindow;
}

/** How long a counter is of use after its last request. */
export const ruleLifeSecs = ({ windows }: RateRule): number =>
  2 * Math.max(...windows.map(({ seconds }) => seconds));

/** One pass: a caller waits. */
function judgeWindow(window: RateWindow, counts: SlotCounts, nowMs: number, askedAtMs: number) {
  const now = slotIndex(window, nowMs);
  const first = slotIndex(window, askedAtMs) - slotsPerWindow;
  let used = 0;
  let oldest = now;
  for (let index = now; index >= first; index -= 1) {
    const count = counts[slotName(window, index)] ?? 0;
    used += count;
    if (count > 0) oldest = index;
  }
  const roomAtMs = (oldest + slotsPerWindow + 1) * slotMsOf(window);
  return { window, used, roomAtMs };
}

/**
 * @param counts this request included.
 * @param askedAtMs where it is counted when something was waited for since: every stretch that holds it is judged, also
 * those that hold what was let through meanwhile.
 */
export function judge(
  { windows }: RateRule,
  counts: SlotCounts,
  nowMs: number,
  askedAtMs: number = nowMs,
): RateDecision {
  const judged = windows.map((window) => judgeWindow(window, counts, nowMs, askedAtMs));
  const over = judged.filter(({ used, window }) => used > window.max);
  const [tightest] = judged.toSorted((a, b) => a.window.max - a.used - (b.window.max - b.used));
  if (!tightest) throw new RangeError('A rate rule has at least one window');
  return {
    allowed: over.length === 0,
    limit: tightest.window.max,
    windowSeconds: tightest.window.seconds,
    remaining: Math.max(0, tightest.window.max - tightest.used),
    resetSeconds: Math.max(1, Math.ceil((tightest.roomAtMs - nowMs) / 1000)),
    retryAtMs: over.length === 0 ? nowMs : Math.max(...over.map(({ roomAtMs }) => roomAtMs)),
  };
}
