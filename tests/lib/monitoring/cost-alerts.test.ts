/** Alerts of the ledger by the code that raises them, through the filters that make metrics and alarms of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from 'aws-lambda';
import { addDays, daysFrom } from '#core/costs/days.ts';
import { noTotals } from '#core/costs/totals.ts';
import type { UsageReport } from '#core/ports/usage-report.ts';
import { createReconcileCosts } from '#lambdas/jobs/reconcile-costs.ts';
import { alarmsOf } from '#lib/monitoring/alarms/index.ts';
import { filteredValue } from '#lib/monitoring/filter-pattern.ts';
import { type LineMetricName, lineFilters } from '#lib/monitoring/metric-filters.ts';
import { type TestFunctions, testFunctions } from '#tests/lambdas/functions.ts';
import { watched } from './stage.ts';

const day = '2026-11-20';

/** The metrics that a line is counted in. */
const metricsOf = (functions: TestFunctions) =>
  functions.lines
    .filter(({ msg }) => msg === 'cost.alert')
    .map((line) =>
      (Object.keys(lineFilters) as LineMetricName[]).filter(
        (name) => filteredValue(lineFilters[name], line) === 1,
      ),
    );

const hasAlarm = (name: LineMetricName) =>
  alarmsOf(watched).some(({ signal }) =>
    Object.values(signal.series).some((series) => series.from === 'lines' && series.name === name),
  );

test('a budget that is nearly used is one count of an alarm for each threshold, however many ask', async () => {
  const functions = testFunctions({ variables: { BUDGETS: JSON.stringify({ stage: { dayUsd: 1 } }) } });

  const { budgetGuard } = functions.services;
  for (let call = 0; call < 25; call += 1) await budgetGuard.reserve(budgetGuard.accounts({ keyId: 'crm' }));

  assert.deepEqual(metricsOf(functions), [['LimitsReached'], ['LimitsReached'], ['LimitsReached']]);
  assert.ok(hasAlarm('LimitsReached'));
});

test('books that differ and a day that is unusual are each counted once, by an alarm of their own', async () => {
  const totals = (usd: number) => ({ ...noTotals, calls: 10, costUsd: usd, costByService: { twilio: usd } });
  const report: UsageReport = {
    services: ['twilio'],
    day: async () => new Map([['twilio', { usd: 80, note: '' }]]),
    quotas: async () => [],
    balanceUsd: async () => undefined,
  };
  const functions = testFunctions({ services: { usageReports: [report] } });
  for (const one of daysFrom(addDays(day, -70), day))
    await functions.services.costs.replaceTotals(one, new Map([['PLATFORM', totals(one === day ? 50 : 5)]]));

  for (let run = 0; run < 2; run += 1) await createReconcileCosts(functions.load)({ day }, {} as Context);

  assert.deepEqual(metricsOf(functions), [['ReconciliationDifferences'], ['CostAnomalies']]);
  assert.ok(hasAlarm('ReconciliationDifferences') && hasAlarm('CostAnomalies'));
});
