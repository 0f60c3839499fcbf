/** One alert: kept, and told by one line, from which the notification comes. */
import type { CostAlert } from '#core/costs/alerts.ts';
import type { Services } from '../services.ts';

/** The same alert is told once. */
export async function raiseAlert(
  { alerts, telemetry }: Pick<Services, 'alerts' | 'telemetry'>,
  alert: CostAlert,
): Promise<void> {
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
