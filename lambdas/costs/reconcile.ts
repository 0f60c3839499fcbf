/**
 * Brings in what the vendors know better, compares our books with theirs, looks at quotas and unusual days, and closes
 * alerts that are over.
 */
import { type CostService, costServices } from '#core/costs/cost-event.ts';
import { addDays, dayOf, daysFrom } from '#core/costs/days.ts';
import { findAnomaly } from '#core/costs/forecast.ts';
import { roundUsd } from '#core/costs/money.ts';
import { type Comparison, compare, type Reconciliation, type VendorDay } from '#core/costs/reconcile.ts';
import { type CostTotals, noTotals, platform } from '#core/costs/totals.ts';
import type { Services } from '../services.ts';
import { askVendor } from './ask-vendor.ts';
import { bringInCarrierCalls } from './carrier-ledger.ts';
import { correctEstimates } from './correct-estimates.ts';
import { lookAtQuotas } from './quotas.ts';
import { raiseAlert } from './raise-alert.ts';
import { rollUpDays } from './roll-up.ts';

type ReconcileServices = Pick<
  Services,
  | 'alerts'
  | 'budgets'
  | 'carrierCalls'
  | 'clock'
  | 'config'
  | 'costs'
  | 'hashNumber'
  | 'store'
  | 'telemetry'
  | 'usageReports'
>;

/** Vendors' figures settle within two days. */
const daysCompared = 2;
/** Eight weeks to compare a day with, and the day. */
const historyDays = 57;

export interface ReconcileOutcome {
  readonly days: readonly string[];
  readonly differing: number;
}

/** @param day one day by hand; the last two that are over when it is left out. */
export async function reconcile(services: ReconcileServices, day?: string): Promise<ReconcileOutcome> {
  const today = dayOf(services.clock.now().toISOString());
  const days = day === undefined ? daysFrom(addDays(today, -daysCompared), addDays(today, -1)) : [day];
  let differing = 0;
  for (const one of days) {
    const run = await reconcileDay(one, services);
    differing += run.comparisons.filter(({ status }) => status === 'differs').length;
  }
  const totals = await services.costs.totals(daysFrom(addDays(today, -historyDays), today), platform);
  await lookAtQuotas(totals, today, services);
  await lookForAnomalies(totals, addDays(today, -1), services);
  await closeAlerts(today, services);
  return { days, differing };
}

type Answer = ReadonlyMap<CostService, VendorDay> | string;

async function reconcileDay(day: string, services: ReconcileServices): Promise<Reconciliation> {
  const { clock, costs, usageReports } = services;
  const answers: Answer[] = [];
  for (const report of usageReports)
    answers.push(await askVendor(services, (signal) => report.day(day, { signal })));
  const before = await totalsOf(day, services);
  const changed = await bringInTruth(day, answers, services);
  // What was learned is in the totals at once: the next rollup would be a day late.
  if (changed || before === undefined) await rollUpDays([day], services);
  const after = (await totalsOf(day, services)) ?? noTotals;
  const byService = await Promise.all(
    costServices.map(async (service) => (await costs.totals([day], `SERVICE#${service}`)).get(day)),
  );
  const comparisons: Comparison[] = usageReports.flatMap((report, i) =>
    report.services.map((service) => {
      const totals = byService[costServices.indexOf(service)] ?? noTotals;
      const usd = after.costByService[service] ?? 0;
      const corrected = roundUsd(usd - ((before ?? after).costByService[service] ?? 0));
      const ours = { usd, estimatedUsd: totals.estimatedUsd, calls: after.calls };
      const comparison = compare(service, ours, theirsOf(answers[i], service));
      return changed && corrected !== 0 ? { ...comparison, correctedUsd: corrected } : comparison;
    }),
  );
  const run = { day, at: clock.now().toISOString(), comparisons };
  await costs.noteReconciliation(run);
  for (const comparison of comparisons) await tellDifference(day, comparison, services);
  return run;
}

const totalsOf = async (day: string, { costs }: ReconcileServices): Promise<CostTotals | undefined> =>
  (await costs.totals([day], platform)).get(day);

function theirsOf(answer: Answer | undefined, service: CostService): VendorDay {
  if (typeof answer === 'string') return { skipped: answer };
  return answer?.get(service) ?? { skipped: 'The vendor says nothing of it.' };
}

/**
 * What the vendors know better, as events that take the place of ours. A day that goes on is left alone: its reports
 * are not complete, and neither are our events.
 *
 * @returns whether anything was written.
 */
async function bringInTruth(
  day: string,
  answers: readonly Answer[],
  services: ReconcileServices,
): Promise<boolean> {
  if (day >= dayOf(services.clock.now().toISOString())) return false;
  const found = await askVendor(services, (signal) => bringInCarrierCalls(day, services, signal));
  const counted = answers.flatMap((answer) =>
    typeof answer === 'string'
      ? []
      : [...answer].flatMap(([service, theirs]) =>
          'counts' in theirs && theirs.counts !== undefined ? [{ service, counts: theirs.counts }] : [],
        ),
  );
  const corrected = await correctEstimates(day, counted, services);
  // What was cut off may have written something.
  return typeof found === 'string' || found.corrected + found.missed + corrected > 0;
}

async function tellDifference(day: string, found: Comparison, services: ReconcileServices): Promise<void> {
  const { service, status, differenceUsd, explanation } = found;
  const id = `reconciliation#${service}#${day}`;
  if (status === 'agrees') return services.alerts.resolve(id, services.clock.now());
  if (status === 'skipped') {
    services.telemetry.log('warn', { msg: 'cost.not-reconciled', service, day, reason: explanation });
    return;
  }
  await raiseAlert(services, {
    id,
    kind: 'reconciliation',
    severity: 'warning',
    raisedAt: services.clock.now().toISOString(),
    subject: service,
    period: day,
    ...(differenceUsd === null ? {} : { amount: differenceUsd, unit: 'usd' as const }),
    message: explanation,
  });
}

async function lookForAnomalies(
  totals: ReadonlyMap<string, CostTotals>,
  day: string,
  services: ReconcileServices,
): Promise<void> {
  for (const service of costServices) {
    const daily = new Map([...totals].map(([one, sums]) => [one, sums.costByService[service] ?? 0]));
    const found = findAnomaly(service, daily, day);
    if (!found) continue;
    await raiseAlert(services, {
      id: `anomaly#${service}#${day}`,
      kind: 'anomaly',
      severity: 'warning',
      raisedAt: services.clock.now().toISOString(),
      subject: service,
      period: day,
      limit: found.usualUsd,
      amount: found.usd,
      unit: 'usd',
      message: `$${found.usd} where $${found.usualUsd} is usual (score ${found.score}). ${found.method}`,
    });
  }
}

/** A budget's alert is over with its period; what was unusual is history after a month. */
async function closeAlerts(today: string, { alerts, clock }: ReconcileServices): Promise<void> {
  const anomalyBefore = addDays(today, -30);
  for (const { id, kind, period, resolvedAt } of await alerts.alerts()) {
    if (resolvedAt !== undefined) continue;
    const current = today.slice(0, period.length);
    const over = kind === 'anomaly' ? period < anomalyBefore : kind !== 'reconciliation' && period < current;
    if (over) await alerts.resolve(id, clock.now());
  }
}
