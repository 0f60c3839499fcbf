/** Where the month will end, and which day was unlike its kind. Both say how they know. */
import { addDays, dayOf, daysFrom, daysOfMonth, lastDayOf, monthOf, weekdayOf } from './days.ts';
import { roundUsd } from './money.ts';

/** Dollars of a closed day. */
export type DailyUsd = ReadonlyMap<string, number>;

const historyDays = 35;
/** Days below which there is nothing to learn from. */
const historyDaysMin = 3;
/** 80 % of a normal distribution lies within this many standard deviations. */
const z80 = 1.2816;

export interface Forecast {
  readonly month: string;
  readonly spentUsd: number;
  /** Null while there is too little to learn from. */
  readonly projectedUsd: number | null;
  /** The month's end lies in here four times out of five, if the days to come are like the days before. */
  readonly lowUsd: number | null;
  readonly highUsd: number | null;
  readonly method: string;
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function deviationOf(values: readonly number[], mean: number): number {
  if (values.length < 2) return 0;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

/**
 * Each day to come is expected to cost the mean of the same weekday in the last five weeks (of all days, where that
 * weekday was not seen twice); the variances of the days add up.
 *
 * @param daily closed days; one that is missing is not known, one without calls is 0.
 */
export function forecastMonth(daily: DailyUsd, today: string): Forecast {
  const month = monthOf(today);
  const spent = [...daily].filter(([day]) => monthOf(day) === month && day <= today);
  const spentUsd = roundUsd(spent.reduce((sum, [, usd]) => sum + usd, 0));
  const past = daysFrom(addDays(today, -historyDays), addDays(today, -1)).filter((day) => daily.has(day));
  // Before its first call a stage teaches nothing.
  const firstCall = past.findIndex((day) => (daily.get(day) ?? 0) > 0);
  const known = firstCall === -1 ? [] : past.slice(firstCall);
  const method = `Mean of the same weekday over the last ${historyDays} days, ${known.length} of them known; interval of 80 % from their spread.`;
  if (known.length < historyDaysMin)
    return { month, spentUsd, projectedUsd: null, lowUsd: null, highUsd: null, method };

  const all = known.map((day) => daily.get(day) ?? 0);
  const restFrom = daily.has(today) ? addDays(today, 1) : today;
  let mean = 0;
  let variance = 0;
  for (const day of daysFrom(restFrom, lastDayOf(month))) {
    const alike = known.filter((one) => weekdayOf(one) === weekdayOf(day)).map((one) => daily.get(one) ?? 0);
    const sample = alike.length >= 2 ? alike : all;
    const sampleMean = meanOf(sample);
    mean += sampleMean;
    variance += deviationOf(sample, sampleMean) ** 2;
  }
  const spread = z80 * Math.sqrt(variance);
  return {
    month,
    spentUsd,
    projectedUsd: roundUsd(spentUsd + mean),
    lowUsd: roundUsd(Math.max(spentUsd, spentUsd + mean - spread)),
    highUsd: roundUsd(spentUsd + mean + spread),
    method,
  };
}

export interface Anomaly {
  readonly day: string;
  readonly service: string;
  readonly usd: number;
  /** Median of the weekdays compared with. */
  readonly usualUsd: number;
  /** How many robust deviations away: above 0 dearer. */
  readonly score: number;
  readonly method: string;
}

const weeksCompared = 8;
const weeksMin = 3;
/** Iglewicz and Hoaglin's bound for the modified z-score ("How to Detect and Handle Outliers", 1993). */
const scoreMax = 3.5;
const consistency = 0.6745;
/** A day that differs by less than this, or by less than a fifth, is not worth a look. */
const differenceMinUsd = 0.5;
const differencePartMin = 0.2;

const medianOf = (values: readonly number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
};

/** Compares one day with the same weekday of the eight weeks before. @returns undefined for a usual day. */
export function findAnomaly(service: string, daily: DailyUsd, day: string): Anomaly | undefined {
  const usd = daily.get(day);
  const before = Array.from({ length: weeksCompared }, (_, week) => daily.get(addDays(day, -7 * (week + 1))));
  const known = before.filter((value) => value !== undefined);
  if (usd === undefined || known.length < weeksMin) return undefined;
  const usualUsd = medianOf(known);
  const difference = usd - usualUsd;
  if (Math.abs(difference) < Math.max(differenceMinUsd, usualUsd * differencePartMin)) return undefined;
  const spread = medianOf(known.map((value) => Math.abs(value - usualUsd)));
  // Weeks that were all alike have no spread: then a fifth of the usual stands for it.
  const scale = spread > 0 ? spread : Math.max((usualUsd * differencePartMin * consistency) / scoreMax, 0.01);
  const score = Math.round(((consistency * difference) / scale) * 100) / 100;
  if (Math.abs(score) < scoreMax) return undefined;
  const method = `Modified z-score above ${scoreMax} against the same weekday of ${known.length} weeks.`;
  return { day, service, usd: roundUsd(usd), usualUsd: roundUsd(usualUsd), score, method };
}

/** What is spent of a month day by day, for a burn-down against its budget. */
export function burnDown(
  daily: DailyUsd,
  today: string,
): readonly { readonly day: string; readonly usd: number; readonly cumulativeUsd: number }[] {
  let cumulative = 0;
  return daysOfMonth(monthOf(dayOf(today)))
    .filter((day) => day <= today)
    .map((day) => {
      const usd = daily.get(day) ?? 0;
      cumulative = roundUsd(cumulative + usd);
      return { day, usd, cumulativeUsd: cumulative };
    });
}
