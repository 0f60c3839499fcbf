/** Which days a run of the rollup has to add up. */
import type { MonthNote, RollupNote } from '../ports/cost-store.ts';
import { addDays, daysFrom, monthOf } from './days.ts';

/** Days are added up again for so long: calls closed late, events written late, bills that came in. */
export const lateDays = 3;
/** A day that was missed is caught up within so many days; after that only by hand. */
export const catchUpDays = 35;

export interface RollupPlan {
  /** Over, oldest first. */
  readonly closedDays: readonly string[];
  /** Not over yet: added up too, so that its figures can be looked at. */
  readonly today: string;
}

/** @param complete days whose rollup went to its end after they were over. */
export function planRollup(today: string, complete: ReadonlySet<string>): RollupPlan {
  const lateFrom = addDays(today, -lateDays);
  return {
    closedDays: daysFrom(addDays(today, -catchUpDays), addDays(today, -1)).filter(
      (day) => day >= lateFrom || !complete.has(day),
    ),
    today,
  };
}

/**
 * Months that were not added up after their days were: also of days that a run has finished before it was cut off.
 * @returns oldest first.
 */
export function dueMonths(
  days: readonly Pick<RollupNote, 'day' | 'at'>[],
  months: readonly MonthNote[],
): readonly string[] {
  const addedUpAt = new Map(months.map(({ month, at }) => [month, at]));
  const due = days.filter(({ day, at }) => at >= (addedUpAt.get(monthOf(day)) ?? ''));
  return [...new Set(due.map(({ day }) => monthOf(day)))].sort();
}
