/** Compares our books with the vendors', looks at quotas and unusual days, and closes alerts that are over. */
import type { CostAlert } from '#core/costs/alerts.ts';
import { severityOf } from '#core/costs/alerts.ts';
import { anomalyHistoryDays, findAnomaly } from '#core/costs/anomaly.ts';
import { thresholds } from '#core/costs/budgets.ts';
import { costServices } from '#core/costs/cost-event.ts';
import { addDays, dayOf, daysFrom, monthOf } from '#core/costs/days.ts';
import { roundUsd } from '#core/costs/money.ts';
import {
  type Comparison,
  compare,
  type Quota,
  type Reconciliation,
  usedPartOf,
  type VendorDay,
} from '#core/costs/reconcile.ts';
import { type CostTotals, noTotals, platform } from '#core/costs/totals.ts';
import { isProviderError } from '#core/errors.ts';
import type { UsageReport } from '#core/ports/usage-report.ts';
import { reportProvider } from '../failures.ts';
import type { Services } from '../services.ts';

type ReconcileServices = Pick<
  Services,
  'alerts' | 'budgets' | 'clock' | 'config' | 'costs' | 'telemetry' | 'usageReports'
>;

/** Vendors' figures settle within two days. */
const daysCompared = 2;
/** A prepaid balance should last this long. */
const balanceDays = 7;

export interface ReconcileOutcome {
  readonly days: readonly string[];
  readonly differing: number;
}

/** @param day one day by hand; the last two that are over when it is left out. */
export async function reconcile(services: ReconcileServices, day?: string): Promise<ReconcileOutcome> {
  const today = dayOf(services.clock.now().toISOString());
  const days = day === undefined ? daysFrom(addDays(today, -daysCompared), addDays(today, -1)) : [day];
  const totals = await services.costs.totals(daysFrom(addDays(today, -anomalyHistoryDays), today), platform);
  const ofDays = await services.costs.totals(days, platform);
  let differing = 0;
  for (const one of days) {
    const run = await reconcileDay(one, ofDays.get(one) ?? noTotals, services);
    differing += run.comparisons.filter(({ status }) => status === 'differs').length;
  }
  await lookAtQuotas(totals, today, services);
  await lookForAnomalies(totals, addDays(today, -1), services);
  await closeAlerts(today, services);
  return { days, differing };
}

/** One vendor that is away must not hide the others. */
async function askSafely<T>(
  { telemetry }: ReconcileServices,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | string> {
  try {
    return await work(new AbortController().signal);
  } catch (error) {
    if (!isProviderError(error)) throw error;
    reportProvider(telemetry, error);
    return `The vendor could not be asked: ${error.failure}.`;
  }
}

async function reconcileDay(
  day: string,
  ours: CostTotals,
  services: ReconcileServices,
): Promise<Reconciliation> {
  const { clock, costs, usageReports } = services;
  const byService = await Promise.all(
    costServices.map(async (service) => (await costs.totals([day], `SERVICE#${service}`)).get(day)),
  );
  const comparisons: Comparison[] = [];
  for (const report of usageReports) {
    const answer = await askSafely(services, (signal) => report.day(day, { signal }));
    for (const service of report.services) {
      const totals = byService[costServices.indexOf(service)] ?? noTotals;
      const theirs: VendorDay =
        typeof answer === 'string'
          ? { skipped: answer }
          : (answer.get(service) ?? { skipped: 'The vendor says nothing of it.' });
      const usd = ours.costByService[service] ?? 0;
      comparisons.push(
        compare(service, { usd, estimatedUsd: totals.estimatedUsd, calls: ours.calls }, theirs),
      );
    }
  }
  const run = { day, at: clock.now().toISOString(), comparisons };
  await costs.noteReconciliation(run);
  for (const comparison of comparisons) await tellDifference(day, comparison, services);
  return run;
}

async function tellDifference(day: string, found: Comparison, services: ReconcileServices): Promise<void> {
  const { service, status, differenceUsd, explanation } = found;
  const id = `reconciliation#${service}#${day}`;
  if (status === 'agrees') return services.alerts.resolve(id, services.clock.now());
  if (status === 'skipped') {
    services.telemetry.log('warn', { msg: 'cost.not-reconciled', service, day, reason: explanation });
    return;
  }
  await raise(services, {
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

async function raise({ alerts, telemetry }: ReconcileServices, alert: CostAlert): Promise<void> {
  if (!(await alerts.raise(alert))) return;
  const { kind, severity, subject, period, threshold, limit, amount } = alert;
  telemetry.emit(severity === 'critical' ? 'error' : 'warn', {
    msg: 'cost.alert',
    reason: kind,
    severity,
    subject,
    period,
    ...(threshold === undefined ? {} : { threshold }),
    ...(limit === undefined ? {} : { limit }),
    ...(amount === undefined ? {} : { amount }),
  });
}

/** A prepaid balance is a quota too: a week's money at the present rate against what is left. */
async function balanceQuota(
  report: UsageReport,
  totals: ReadonlyMap<string, CostTotals>,
  today: string,
  services: ReconcileServices,
): Promise<readonly Quota[]> {
  const left = await askSafely(services, (signal) => report.balanceUsd({ signal }));
  const [service] = report.services;
  if (typeof left !== 'number' || service === undefined) return [];
  const week = daysFrom(addDays(today, -balanceDays), addDays(today, -1));
  const used = week.reduce((sum, day) => sum + (totals.get(day)?.costByService[service] ?? 0), 0);
  const at = services.clock.now().toISOString();
  return [
    { name: `${service}-balance`, service, used: roundUsd(used), max: Math.max(0, left), unit: 'usd', at },
  ];
}

async function lookAtQuotas(
  totals: ReadonlyMap<string, CostTotals>,
  today: string,
  services: ReconcileServices,
): Promise<void> {
  for (const report of services.usageReports) {
    const told = await askSafely(services, (signal) => report.quotas({ signal }));
    const quotas = [
      ...(typeof told === 'string' ? [] : told),
      ...(await balanceQuota(report, totals, today, services)),
    ];
    for (const quota of quotas) await tellQuota(quota, today, services);
  }
}

async function tellQuota(quota: Quota, today: string, services: ReconcileServices): Promise<void> {
  await services.costs.noteQuota(quota);
  const part = usedPartOf(quota);
  const period = quota.resetsAt === undefined ? monthOf(today) : dayOf(quota.resetsAt);
  for (const threshold of thresholds) {
    const id = `quota#${quota.name}#${period}#${threshold}`;
    if (part < threshold) await services.alerts.resolve(id, services.clock.now());
    else
      await raise(services, {
        id,
        kind: 'quota',
        severity: severityOf(threshold),
        raisedAt: services.clock.now().toISOString(),
        subject: quota.name,
        period,
        threshold,
        limit: quota.max,
        amount: quota.used,
        unit: quota.unit === 'characters' ? 'characters' : 'usd',
        message: `${Math.round(part * 100)} % of ${quota.name} is used.`,
      });
  }
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
    await raise(services, {
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
  for (const { id, kind, period } of await alerts.open()) {
    const current = today.slice(0, period.length);
    const over = kind === 'anomaly' ? period < anomalyBefore : kind !== 'reconciliation' && period < current;
    if (over) await alerts.resolve(id, clock.now());
  }
}
