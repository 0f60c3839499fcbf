/** Where the month will end, day by day, and how that is known. */
import { addDays, daysBetween, daysFrom, lastDayOf, monthOf, weekdayOf } from './days.ts';
import { type Fit, fitLine, type Terms } from './least-squares.ts';
import { roundUsd } from './money.ts';

/** Dollars of a closed day; a day that is missing is not known, one without calls is 0. */
export type DailyUsd = ReadonlyMap<string, number>;

/** Eight weeks: enough to tell a trend from noise, recent enough to be the same business. */
export const forecastHistoryDays = 56;
/** Days below which there is nothing to learn from. */
const historyDaysMin = 3;
/** Two of each weekday at least. */
const weekdaysFromDays = 14;
/** A trend of fewer weeks is mostly noise. */
const trendFromDays = 28;
/** 80 % of a normal distribution lies within this many standard deviations. */
const z80 = 1.2816;

export interface ForecastDay {
  readonly day: string;
  readonly expectedUsd: number;
  /** Of the month up to the end of that day. */
  readonly cumulativeUsd: number;
  readonly lowUsd: number;
  readonly highUsd: number;
}

export interface Forecast {
  readonly month: string;
  /** Of the days that are closed. */
  readonly spentUsd: number;
  /** Null while there is too little to learn from. */
  readonly projectedUsd: number | null;
  /** The month's end lies in here four times out of five, if the days to come are like the days before. */
  readonly lowUsd: number | null;
  readonly highUsd: number | null;
  readonly method: string;
  /** The days to come, today among them; none while there is too little to learn from. */
  readonly days: readonly ForecastDay[];
}

/** What a day costs, in terms of one model. */
interface Model {
  readonly name: string;
  readonly fromDays: number;
  readonly terms: (day: string, today: string) => Terms;
}

const weekdayTerms = (day: string) =>
  Array.from({ length: 7 }, (_, weekday) => (weekdayOf(day) === weekday ? 1 : 0));
const daysPerWeek = 7;

/** The richest that the history allows. */
const models: readonly Model[] = [
  {
    name: 'Mean of the same weekday with a straight-line trend',
    fromDays: trendFromDays,
    terms: (day, today) => [...weekdayTerms(day), daysBetween(today, day) / daysPerWeek],
  },
  { name: 'Mean of the same weekday', fromDays: weekdaysFromDays, terms: weekdayTerms },
  { name: 'Mean of all days', fromDays: historyDaysMin, terms: () => [1] },
];

/** Student's t for 80 %: Cornish and Fisher's expansion, within a fiftieth from two degrees of freedom on. */
function t80(freedom: number): number {
  const cube = z80 ** 3;
  const second = (5 * z80 ** 5 + 16 * cube + 3 * z80) / (96 * freedom ** 2);
  return z80 + (cube + z80) / (4 * freedom) + second;
}

function choose(
  known: readonly string[],
  daily: DailyUsd,
  today: string,
): { model: Model; fit: Fit } | undefined {
  for (const model of models) {
    if (known.length < model.fromDays) continue;
    const rows = known.map((day) => model.terms(day, today));
    const fit = fitLine(
      rows,
      known.map((day) => daily.get(day) ?? 0),
    );
    if (fit !== undefined) return { model, fit };
  }
  return undefined;
}

/**
 * Least squares over the closed days of the last eight weeks. The interval is that of the prediction: noise of the
 * days to come, and what so few days do not tell of weekdays and trend.
 *
 * @param daily closed days; today is taken for a day to come unless it is among them.
 */
export function forecastMonth(daily: DailyUsd, today: string): Forecast {
  const month = monthOf(today);
  const spentUsd = roundUsd(
    [...daily].reduce((sum, [day, usd]) => (monthOf(day) === month && day <= today ? sum + usd : sum), 0),
  );
  const past = daysFrom(addDays(today, -forecastHistoryDays), addDays(today, -1)).filter((day) =>
    daily.has(day),
  );
  // Before its first call a stage teaches nothing.
  const firstCall = past.findIndex((day) => (daily.get(day) ?? 0) > 0);
  const known = firstCall === -1 ? [] : past.slice(firstCall);
  const learned = `over the last ${forecastHistoryDays} days, ${known.length} of them known`;
  const chosen = choose(known, daily, today);
  if (chosen === undefined)
    return {
      month,
      spentUsd,
      projectedUsd: null,
      lowUsd: null,
      highUsd: null,
      method: `Too little to learn from ${learned}.`,
      days: [],
    };
  const { model, fit } = chosen;
  const restFrom = daily.has(today) ? addDays(today, 1) : today;
  const days = pathOf(daysFrom(restFrom, lastDayOf(month)), spentUsd, {
    fit,
    termsOf: (day) => model.terms(day, today),
  });
  const end = days.at(-1);
  return {
    month,
    spentUsd,
    projectedUsd: end?.cumulativeUsd ?? spentUsd,
    lowUsd: end?.lowUsd ?? spentUsd,
    highUsd: end?.highUsd ?? spentUsd,
    method: `${model.name} ${learned}; prediction interval of 80 % (least squares).`,
    days,
  };
}

/** No day earns money back, and no sum falls below what is spent. */
function pathOf(
  rest: readonly string[],
  spentUsd: number,
  { fit, termsOf }: { readonly fit: Fit; readonly termsOf: (day: string) => Terms },
): readonly ForecastDay[] {
  const width = t80(fit.freedom);
  const rows: Terms[] = [];
  let cumulative = spentUsd;
  return rest.map((day) => {
    rows.push(termsOf(day));
    const expected = Math.max(0, fit.expect(rows.slice(-1)));
    cumulative += expected;
    const half = width * fit.errorOf(rows);
    return {
      day,
      expectedUsd: roundUsd(expected),
      cumulativeUsd: roundUsd(cumulative),
      lowUsd: roundUsd(Math.max(spentUsd, cumulative - half)),
      highUsd: roundUsd(cumulative + half),
    };
  });
}
