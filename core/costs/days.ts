/** Days and months as the cost tables name them: `2026-11-21`, `2026-11`; always UTC, like the vendors' reports. */
import * as z from 'zod';

const dayMs = 86_400_000;
const dayLength = 'yyyy-mm-dd'.length;
const monthLength = 'yyyy-mm'.length;

/** A day that exists. */
export const daySchema = z.iso.date('must be a day such as 2026-11-21');
export const monthSchema = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month such as 2026-11');

/** @param at a time in ISO 8601, UTC. */
export const dayOf = (at: string): string => at.slice(0, dayLength);
/** @param day a day, or a time in ISO 8601, UTC. */
export const monthOf = (day: string): string => day.slice(0, monthLength);

export const startOfDay = (day: string): Date => new Date(`${day}T00:00:00.000Z`);

/** @param days may be negative. */
export const addDays = (day: string, days: number): string =>
  dayOf(new Date(startOfDay(day).getTime() + days * dayMs).toISOString());

export const daysBetween = (from: string, to: string): number =>
  Math.round((startOfDay(to).getTime() - startOfDay(from).getTime()) / dayMs);

/** Both ends included, oldest first; none when `to` is before `from`. */
export const daysFrom = (from: string, to: string): readonly string[] =>
  Array.from({ length: Math.max(0, daysBetween(from, to) + 1) }, (_, i) => addDays(from, i));

export const firstDayOf = (month: string): string => `${month}-01`;
export const lastDayOf = (month: string): string => {
  const [year = 0, ordinal = 1] = month.split('-').map(Number);
  return dayOf(new Date(Date.UTC(year, ordinal, 0)).toISOString());
};
export const daysOfMonth = (month: string): readonly string[] =>
  daysFrom(firstDayOf(month), lastDayOf(month));
/** 0 is Sunday. */
export const weekdayOf = (day: string): number => startOfDay(day).getUTCDay();
