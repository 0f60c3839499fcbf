/** How near a vendor's rate limit is, seen from its answers: an alert when it comes near, closed when it is far again. */
import type { AlertStore } from '../ports/budget-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { RateLimitReading } from '../ports/language-model.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { alertLine, type CostAlert, severityOf } from './alerts.ts';
import { thresholds } from './budgets.ts';
import { dayOf } from './days.ts';
import { usedPartOf } from './reconcile.ts';

export interface RateLimitWatch {
  /** Never throws and never waits: it is called while a caller waits for an answer. */
  observe(reading: RateLimitReading): void;
}

/** Thresholds that end a budget mean nothing here: beyond a rate limit the vendor refuses by itself. */
const watched = thresholds.filter((threshold) => threshold < 1);

/**
 * Each threshold of a limit is told once a day, however often it is crossed and however many processes see it: limits
 * are of the account and fill again within a minute. What a process has told and cannot close any more, because it has
 * ended, is closed by the daily reconciliation.
 */
export function createRateLimitWatch(options: {
  readonly alerts: AlertStore;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** The bookkeeping failed; nothing else did. */
  readonly onFailure: (error: unknown) => void;
}): RateLimitWatch {
  const { alerts, clock, telemetry, onFailure } = options;
  /** Alerts of today that this process knows of, by id. */
  const known = new Map<string, 'open' | 'closed'>();
  let today = '';
  /** One after the other: an alert is not closed before it is there. */
  let writes: Promise<void> = Promise.resolve();

  const write = (work: () => Promise<void>) => {
    writes = writes.then(work).catch(onFailure);
  };
  const raise = (alert: CostAlert) =>
    write(async () => {
      if (await alerts.raise(alert))
        telemetry.emit(alert.severity === 'critical' ? 'error' : 'warn', alertLine(alert));
    });

  return {
    observe(reading) {
      const now = clock.now();
      const day = dayOf(now.toISOString());
      if (day !== today) known.clear();
      today = day;
      for (const threshold of watched) {
        const alert = alertOf(reading, threshold, now);
        const state = known.get(alert.id);
        const isNear = usedOf(reading) >= threshold * reading.limit;
        if (isNear && state === undefined) {
          known.set(alert.id, 'open');
          raise(alert);
        } else if (!isNear && state === 'open') {
          known.set(alert.id, 'closed');
          write(() => alerts.resolve(alert.id, now));
        }
      }
    },
  };
}

const usedOf = ({ limit, remaining }: RateLimitReading) => Math.max(0, limit - remaining);

function alertOf(reading: RateLimitReading, threshold: number, now: Date): CostAlert {
  const { model, kind, limit } = reading;
  const subject = `anthropic-${kind}#${model}`;
  const period = dayOf(now.toISOString());
  const used = usedOf(reading);
  const percent = Math.round(usedPartOf({ used, max: limit }) * 100);
  return {
    id: `quota#${subject}#${period}#${threshold}`,
    kind: 'quota',
    severity: severityOf(threshold),
    raisedAt: now.toISOString(),
    subject,
    period,
    threshold,
    limit,
    amount: used,
    unit: kind === 'requests' ? 'requests' : 'tokens',
    message: `${percent} % of what ${model} may be sent in a minute (${kind}) was in use.`,
  };
}
