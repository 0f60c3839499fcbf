/** What somebody has to look at: raised once per threshold and period, closed when it is over. */
import * as z from 'zod';
import type { CostAlertLine } from '../telemetry/log-lines.ts';
import type { BudgetAccount, Threshold } from './budgets.ts';

export const alertKinds = ['budget', 'quota', 'reconciliation', 'anomaly', 'unknown-price'] as const;

export const costAlertSchema = z.object({
  /** Says what it is about: the same thing in the same period has the same id. */
  id: z.string(),
  kind: z.enum(alertKinds),
  severity: z.enum(['warning', 'critical']),
  raisedAt: z.string(),
  resolvedAt: z.string().optional(),
  /** `STAGE`, `KEY#…`, `CALLER#…`, or a service. */
  subject: z.string(),
  /** `2026-11-21` or `2026-11`. */
  period: z.string(),
  /** Part of the limit, 0 to 1 and more. */
  threshold: z.number().optional(),
  limit: z.number().optional(),
  amount: z.number().optional(),
  unit: z.enum(['usd', 'characters', 'percent', 'tokens', 'requests']).optional(),
  message: z.string(),
});
export type CostAlert = z.infer<typeof costAlertSchema>;

const percent = (part: number) => `${Math.round(part * 100)} %`;
export const severityOf = (threshold: number): CostAlert['severity'] =>
  threshold >= 0.95 ? 'critical' : 'warning';

/** The line that tells of an alert, once: notifications come from it. */
export function alertLine(alert: CostAlert): CostAlertLine {
  const { kind, severity, subject, period, threshold, limit, amount } = alert;
  return {
    msg: 'cost.alert',
    reason: kind,
    severity,
    subject,
    period,
    ...(threshold === undefined ? {} : { threshold }),
    ...(limit === undefined ? {} : { limit }),
    ...(amount === undefined ? {} : { amount }),
  };
}

export function budgetAlert(
  account: BudgetAccount,
  threshold: Threshold,
  takenUsd: number,
  at: Date,
): CostAlert {
  const { name, period, limitUsd } = account;
  return {
    id: `budget#${name}#${period}#${threshold}`,
    kind: 'budget',
    severity: severityOf(threshold),
    raisedAt: at.toISOString(),
    subject: name,
    period,
    threshold,
    limit: limitUsd,
    amount: takenUsd,
    unit: 'usd',
    message: `${percent(threshold)} of the budget of ${name} for ${period} is used.`,
  };
}
