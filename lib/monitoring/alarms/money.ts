/** What calls cost, against what they may. */
import type { Watched } from '../props.ts';
import { lines, plain } from '../signals.ts';
import { type AlarmSpec, counted, daySecs, hourSecs, minuteSecs, nobodyCalls } from './spec.ts';

export const usualCallP95Usd = 0.25;

/** Found by the code that knows the ledger; each is told once for each period. */
const alertAlarms: readonly AlarmSpec[] = [
  counted({
    id: 'limit-reached',
    says: 'A budget or a vendor’s quota has reached its warning or its end.',
    severity: 'ticket',
    signal: plain('limits reached', lines('LimitsReached', 'Sum')),
    threshold: 1,
  }),
  counted({
    id: 'reconciliation-difference',
    says: 'What a vendor bills differs from what we counted by more than 2 % or a cent a call.',
    severity: 'ticket',
    signal: plain('differences', lines('ReconciliationDifferences', 'Sum')),
    threshold: 1,
  }),
  counted({
    id: 'cost-anomaly',
    says: 'A day costs far more than days like it.',
    severity: 'ticket',
    signal: plain('anomalies', lines('CostAnomalies', 'Sum')),
    threshold: 1,
  }),
];

export function moneyAlarms({ settings }: Watched): readonly AlarmSpec[] {
  const { callUsd, dayUsd, callP95Usd = usualCallP95Usd } = settings.budgets;
  const spend = plain('spent in a day, $', lines('CallCostUsd', 'Sum'));
  return [
    {
      id: 'cost-per-call',
      says: `One call of twenty costs more than $${callP95Usd}, for an hour.`,
      severity: 'ticket',
      level: 'full',
      signal: plain('cost per call p95, $', lines('CallCostUsd', 'p95')),
      is: '>',
      threshold: callP95Usd,
      periodSecs: hourSecs,
      periods: 1,
      breaching: 1,
      missing: nobodyCalls,
    },
    {
      id: 'call-over-budget',
      says: `A single call cost more than its budget of $${callUsd}.`,
      severity: 'ticket',
      level: 'full',
      signal: plain('dearest call, $', lines('CallCostUsd', 'Maximum')),
      is: '>',
      threshold: callUsd,
      periodSecs: 5 * minuteSecs,
      periods: 1,
      breaching: 1,
      missing: nobodyCalls,
    },
    {
      id: 'daily-spend-warning',
      says: `The calls of 24 hours cost 80 % of the daily budget of $${dayUsd}.`,
      severity: 'ticket',
      level: 'full',
      signal: spend,
      is: '>=',
      threshold: 0.8 * dayUsd,
      periodSecs: daySecs,
      periods: 1,
      breaching: 1,
      missing: nobodyCalls,
    },
    {
      id: 'daily-spend-critical',
      says: `The calls of 24 hours cost 95 % of the daily budget of $${dayUsd}: soon none is admitted.`,
      severity: 'page',
      level: 'essential',
      signal: spend,
      is: '>=',
      threshold: 0.95 * dayUsd,
      periodSecs: daySecs,
      periods: 1,
      breaching: 1,
      missing: nobodyCalls,
    },
    ...alertAlarms,
    counted({
      id: 'unknown-price',
      says: 'Something was bought whose price we do not know: costs are reported too low.',
      severity: 'ticket',
      signal: plain('unknown prices', lines('UnknownPrices', 'Sum')),
      threshold: 1,
      periodSecs: hourSecs,
    }),
  ];
}
