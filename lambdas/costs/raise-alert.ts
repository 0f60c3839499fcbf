/** One alert: kept, and told by one line, from which the notification comes. */
import { alertLine, type CostAlert } from '#core/costs/alerts.ts';
import type { Services } from '../services.ts';

/** The same alert is told once. */
export async function raiseAlert(
  { alerts, telemetry }: Pick<Services, 'alerts' | 'telemetry'>,
  alert: CostAlert,
): Promise<void> {
  if (!(await alerts.raise(alert))) return;
  telemetry.emit(alert.severity === 'critical' ? 'error' : 'warn', alertLine(alert));
}
