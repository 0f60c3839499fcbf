/** Adds up what calls cost, day by day and month by month. Repeating it changes nothing. */
import { callHoursMax, needsEvents, partOfCall, wholeCall } from '#core/costs/contribution.ts';
import { addDays, dayOf, daysOfMonth, monthOf, startOfDay } from '#core/costs/days.ts';
import { mergeTotals } from '#core/costs/merge-totals.ts';
import { catchUpDays, dueMonths, planRollup } from '#core/costs/rollup-plan.ts';
import {
  type CostTotals,
  collectTotals,
  costPerMinuteUsd,
  platform,
  type TotalsCollector,
} from '#core/costs/totals.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import type { Services } from '../services.ts';

type RollupServices = Pick<Services, 'clock' | 'costs' | 'store' | 'telemetry'>;

/** Calls whose events are read at once. */
const callsAtOnce = 16;
const hourMs = 3_600_000;

export interface RollupOutcome {
  readonly days: readonly string[];
  readonly calls: number;
}

/** What is due: days never added up or still open to late events, and today so far. A day that fails ends the run. */
export async function rollUpDueDays(services: RollupServices): Promise<RollupOutcome> {
  const { clock, costs } = services;
  const today = dayOf(clock.now().toISOString());
  const from = addDays(today, -catchUpDays);
  const notes = await costs.rollups(from, today);
  const complete = new Set(notes.filter((note) => note.complete).map(({ day }) => day));
  const plan = planRollup(today, complete);
  const days = [...plan.closedDays, plan.today];
  const calls = await rollUpEach(days, services);
  const [written, months] = await Promise.all([costs.rollups(from, today), costs.months()]);
  for (const month of dueMonths(written, months)) await rollUpMonth(month, services);
  return { days, calls };
}

/** @param days oldest first. */
export async function rollUpDays(days: readonly string[], services: RollupServices): Promise<RollupOutcome> {
  const calls = await rollUpEach(days, services);
  for (const month of new Set(days.map(monthOf))) await rollUpMonth(month, services);
  return { days, calls };
}

async function rollUpEach(days: readonly string[], services: RollupServices): Promise<number> {
  let calls = 0;
  for (const day of days) calls += (await rollUpDay(day, services)).calls;
  return calls;
}

async function rollUpDay(day: string, services: RollupServices): Promise<CostTotals> {
  const { clock, costs, telemetry } = services;
  const collector = collectTotals();
  for await (const page of costs.callsBegun(day)) await addCalls(page, day, collector, services);
  const before = addDays(day, -1);
  const from = new Date(startOfDay(day).getTime() - callHoursMax * hourMs).toISOString();
  for await (const page of costs.callsBegun(before, from))
    await addCalls(page.filter(needsEvents), day, collector, services);
  for (const contribution of await costs.removed(day)) collector.add(contribution);

  const whole = collector.whole();
  const [note] = await costs.rollups(day, day);
  const earlier = (await costs.totals([day], platform)).get(day);
  await costs.replaceTotals(day, collector.pages());
  const at = clock.now().toISOString();
  const complete = dayOf(at) > day;
  await costs.noteRollup({ day, at, complete, calls: whole.calls, top: collector.top() });
  // Told again only when there is something new in it.
  const isNews = note?.complete !== true || !sameMoney(earlier, whole);
  if (complete && isNews) telemetry.emit('info', lineOf(day, whole));
  return whole;
}

const sameMoney = (a: CostTotals | undefined, b: CostTotals): boolean =>
  a?.costUsd === b.costUsd && a.calls === b.calls && a.callsOfUnknownCost === b.callsOfUnknownCost;

/** Most calls are added from their record alone; one that spans midnight or is still open is split by its events. */
async function addCalls(
  records: readonly CallRecord[],
  day: string,
  collector: TotalsCollector,
  { store }: RollupServices,
): Promise<void> {
  const split: CallRecord[] = [];
  for (const record of records) {
    const { costSummary } = record;
    if (needsEvents(record) || costSummary === undefined) split.push(record);
    else collector.add(wholeCall({ ...record, costSummary }));
  }
  for (let at = 0; at < split.length; at += callsAtOnce) {
    const some = split.slice(at, at + callsAtOnce);
    const events = await Promise.all(some.map(({ callSid }) => store.costEvents(callSid)));
    for (const [i, record] of some.entries()) {
      const part = partOfCall(record, day, events[i] ?? []);
      if (part) collector.add(part);
    }
  }
}

async function rollUpMonth(month: string, { clock, costs }: RollupServices): Promise<void> {
  // Whatever is added up while the month is read makes it due again.
  const at = clock.now().toISOString();
  await costs.replaceTotals(month, mergeTotals(daysOfMonth(month).map((day) => costs.allTotals(day))));
  await costs.noteMonth({ month, at });
}

function lineOf(day: string, totals: CostTotals) {
  const { calls, durationSecs, costUsd, callsOfUnknownCost, costByService, wastedUsd, cacheSavedUsd } =
    totals;
  const sums = { calls, durationSecs, costUsd, callsOfUnknownCost, costByService, wastedUsd, cacheSavedUsd };
  return {
    msg: 'cost.rollup.daily',
    day,
    ...sums,
    costPerMinuteUsd: costPerMinuteUsd(costUsd, durationSecs),
  } as const;
}
