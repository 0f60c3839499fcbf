/** What vendors still let us use, and how long prepaid money lasts. */
import { severityOf } from '#core/costs/alerts.ts';
import { thresholds } from '#core/costs/budgets.ts';
import { addDays, dayOf, daysFrom, monthOf } from '#core/costs/days.ts';
import { roundUsd } from '#core/costs/money.ts';
import { type Quota, usedPartOf } from '#core/costs/reconcile.ts';
import type { CostTotals } from '#core/costs/totals.ts';
import type { UsageReport } from '#core/ports/usage-report.ts';
import type { Services } from '../services.ts';
import { askVendor } from './ask-vendor.ts';
import { raiseAlert } from './raise-alert.ts';

type QuotaServices = Pick<Services, 'alerts' | 'clock' | 'costs' | 'telemetry' | 'usageReports'>;

/** A prepaid balance should last this long. */
const balanceDays = 7;

/** A prepaid balance is a quota too: a week's money at the present rate against what is left. */
async function balanceQuota(
  report: UsageReport,
  totals: ReadonlyMap<string, CostTotals>,
  today: string,
  services: QuotaServices,
): Promise<readonly Quota[]> {
  const left = await askVendor(services, (signal) => report.balanceUsd({ signal }));
  const [service] = report.services;
  if (typeof left !== 'number' || service === undefined) return [];
  const week = daysFrom(addDays(today, -balanceDays), addDays(today, -1));
  const used = week.reduce((sum, day) => sum + (totals.get(day)?.costByService[service] ?? 0), 0);
  const at = services.clock.now().toISOString();
  return [
    { name: `${service}-balance`, service, used: roundUsd(used), max: Math.max(0, left), unit: 'usd', at },
  ];
}

export async function lookAtQuotas(
  totals: ReadonlyMap<string, CostTotals>,
  today: string,
  services: QuotaServices,
): Promise<void> {
  for (const report of services.usageReports) {
    const told = await askVendor(services, (signal) => report.quotas({ signal }));
    const quotas = [
      ...(typeof told === 'string' ? [] : told),
      ...(await balanceQuota(report, totals, today, services)),
    ];
    for (const quota of quotas) await tellQuota(quota, today, services);
  }
}

async function tellQuota(quota: Quota, today: string, services: QuotaServices): Promise<void> {
  await services.costs.noteQuota(quota);
  const part = usedPartOf(quota);
  const period = quota.resetsAt === undefined ? monthOf(today) : dayOf(quota.resetsAt);
  for (const threshold of thresholds) {
    const id = `quota#${quota.name}#${period}#${threshold}`;
    if (part < threshold) await services.alerts.resolve(id, services.clock.now());
    else
      await raiseAlert(services, {
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
