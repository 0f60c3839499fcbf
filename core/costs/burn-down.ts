/** A month's spending day by day against its budget, and where it goes from here: what a chart draws. */
import { daysOfMonth, monthOf } from './days.ts';
import type { DailyUsd, Forecast } from './forecast.ts';
import { roundUsd } from './money.ts';

export interface BurnDownDay {
  readonly day: string;
  /** Null for a day that nobody has added up yet. */
  readonly usd: number | null;
  /** Of the days up to this one that are known; null with it. */
  readonly cumulativeUsd: number | null;
  /** The budget spread evenly over the month; null without one. */
  readonly budgetUsd: number | null;
  /** Of the month up to the end of a day to come, today among them; null before. */
  readonly projectedUsd: number | null;
  readonly projectedLowUsd: number | null;
  readonly projectedHighUsd: number | null;
}

export interface BurnDown {
  readonly month: string;
  readonly limitUsd: number | null;
  /** The day on which the limit is, or is expected to be, crossed; null when it is not. */
  readonly crossedOn: string | null;
  /** Every day of the month. */
  readonly days: readonly BurnDownDay[];
}

export function burnDown(
  daily: DailyUsd,
  {
    today,
    limitUsd,
    forecast,
  }: { readonly today: string; readonly limitUsd: number | null; readonly forecast: Forecast },
): BurnDown {
  const month = monthOf(today);
  const all = daysOfMonth(month);
  const expected = new Map(forecast.days.map((one) => [one.day, one]));
  let cumulative = 0;
  let crossedOn: string | null = null;
  const days = all.map((day, i): BurnDownDay => {
    const usd = day > today ? null : (daily.get(day) ?? null);
    cumulative = roundUsd(cumulative + (usd ?? 0));
    const projected = expected.get(day);
    const reached = Math.max(usd === null ? 0 : cumulative, projected?.cumulativeUsd ?? 0);
    if (limitUsd !== null && crossedOn === null && reached > limitUsd) crossedOn = day;
    return {
      day,
      usd,
      cumulativeUsd: usd === null ? null : cumulative,
      budgetUsd: limitUsd === null ? null : roundUsd((limitUsd * (i + 1)) / all.length),
      projectedUsd: projected?.cumulativeUsd ?? null,
      projectedLowUsd: projected?.lowUsd ?? null,
      projectedHighUsd: projected?.highUsd ?? null,
    };
  });
  return { month, limitUsd, crossedOn, days };
}
