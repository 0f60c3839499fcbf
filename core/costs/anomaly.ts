/** Which day was unlike its kind, and how that is known. */
import { addDays, weekdayOf } from './days.ts';
import type { DailyUsd } from './forecast.ts';
import { roundUsd } from './money.ts';

export interface Anomaly {
  readonly day: string;
  readonly service: string;
  readonly usd: number;
  /** What its weekday usually costs, at the level of the week before. */
  readonly usualUsd: number;
  /** How many robust deviations away: above 0 dearer. */
  readonly score: number;
  readonly method: string;
}

const weeksCompared = 8;
const weeksMin = 3;
const daysPerWeek = 7;
/** Days of the week before a day that have to be known for its level. */
const levelDaysMin = 4;
/** What a day is judged by: eight weeks, the week before the first of them, and the day. */
export const anomalyHistoryDays = (weeksCompared + 1) * daysPerWeek + 1;
/** Iglewicz and Hoaglin's bound for the modified z-score ("How to Detect and Handle Outliers", 1993). */
const scoreMax = 3.5;
/** A normal distribution's deviation over its median absolute deviation. */
const consistency = 1.4826;
/** The usual is itself a guess from eight days and a level from seven: the prediction is wider than the days are. */
const guessing = 1.25;
/** Days that were all alike still vary by so much. */
const spreadMin = 0.04;
/** A day that differs by less than this, or by less than a fifth, is not worth a look. */
const differenceMinUsd = 0.5;
const differencePartMin = 0.2;

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

const isKnown = (value: number | undefined): value is number => value !== undefined;

/** Each weekday of the weeks before, in proportion to the level of its own time. */
function weekdaysBefore(
  day: string,
  shareOf: (day: string) => number | undefined,
): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  for (let back = 1; back <= weeksCompared * daysPerWeek; back += 1) {
    const before = addDays(day, -back);
    const share = shareOf(before);
    if (share === undefined) continue;
    const own = found.get(weekdayOf(before)) ?? [];
    found.set(weekdayOf(before), [...own, share]);
  }
  return found;
}

/** How far days lie from the median of their weekday, in proportion to it; corrected for so few of each. */
function spreadOf(weekdays: ReadonlyMap<number, readonly number[]>): number {
  const distances = [...weekdays.values()].flatMap((shares) => {
    const usual = medianOf(shares);
    if (shares.length < weeksMin || usual === 0) return [];
    const few = Math.sqrt(shares.length / (shares.length - 1));
    return shares.map((share) => (Math.abs(share - usual) / usual) * few);
  });
  return Math.max(spreadMin, medianOf(distances) * consistency * guessing);
}

/**
 * Compares days with the same weekday of the eight weeks before. A business that grows makes every day dearer than
 * those before it: each day is therefore taken in proportion to the median of the seven days before it.
 *
 * @returns unusual days in the order given.
 */
export function findAnomalies(service: string, daily: DailyUsd, days: readonly string[]): readonly Anomaly[] {
  const levels = new Map<string, number | undefined>();
  const levelOf = (day: string): number | undefined => {
    if (!levels.has(day)) {
      const week = Array.from({ length: daysPerWeek }, (_, i) => daily.get(addDays(day, -i - 1)));
      const known = week.filter(isKnown);
      const level = known.length < levelDaysMin ? 0 : medianOf(known);
      levels.set(day, level > 0 ? level : undefined);
    }
    return levels.get(day);
  };
  const shareOf = (day: string): number | undefined => {
    const [usd, level] = [daily.get(day), levelOf(day)];
    return usd === undefined || level === undefined ? undefined : usd / level;
  };
  return days.flatMap((day) => {
    const usd = daily.get(day);
    if (usd === undefined) return [];
    const weekday = weekdayOf(day);
    const shares = weekdaysBefore(day, shareOf);
    const level = levelOf(day);
    const isLevelled = level !== undefined && (shares.get(weekday)?.length ?? 0) >= weeksMin;
    const weekdays = isLevelled ? shares : weekdaysBefore(day, (one) => daily.get(one));
    const own = weekdays.get(weekday) ?? [];
    if (own.length < weeksMin) return [];
    const usualUsd = medianOf(own) * (isLevelled ? level : 1);
    const difference = usd - usualUsd;
    if (Math.abs(difference) < Math.max(differenceMinUsd, usualUsd * differencePartMin)) return [];
    // Where the usual is nothing, half a dollar is as unusual as a difference can be.
    const score = difference / Math.max(usualUsd * spreadOf(weekdays), differenceMinUsd / scoreMax);
    if (Math.abs(score) < scoreMax) return [];
    return [
      {
        day,
        service,
        usd: roundUsd(usd),
        usualUsd: roundUsd(usualUsd),
        score: Math.round(score * 100) / 100,
        method: `Modified z-score above ${scoreMax} against the same weekday of ${own.length} weeks${isLevelled ? ', each in proportion to the week before it' : ''}.`,
      },
    ];
  });
}

/** @returns undefined for a usual day. */
export const findAnomaly = (service: string, daily: DailyUsd, day: string): Anomaly | undefined =>
  findAnomalies(service, daily, [day])[0];
