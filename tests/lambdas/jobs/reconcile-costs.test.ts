import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from 'aws-lambda';
import { addDays } from '#core/costs/days.ts';
import type { VendorDay } from '#core/costs/reconcile.ts';
import { type CostTotals, noTotals } from '#core/costs/totals.ts';
import { ProviderError } from '#core/errors.ts';
import { skippedReport, type UsageReport } from '#core/ports/usage-report.ts';
import { createReconcileCosts } from '#lambdas/jobs/reconcile-costs.ts';
import { type TestFunctions, testFunctions } from '#tests/lambdas/functions.ts';

const day = '2026-11-20';
const run = (functions: TestFunctions, event: object = {}) =>
  createReconcileCosts(functions.load)(event, {} as Context);

const totals = (twilio: number, fields: Partial<CostTotals> = {}): CostTotals => ({
  ...noTotals,
  calls: 10,
  costUsd: twilio,
  costByService: { twilio },
  ...fields,
});

const twilioReport = (answer: VendorDay | ProviderError, fields: Partial<UsageReport> = {}): UsageReport => ({
  services: ['twilio'],
  day: async () => {
    if (answer instanceof ProviderError) throw answer;
    return new Map([['twilio', answer]]);
  },
  quotas: async () => [],
  balanceUsd: async () => undefined,
  ...fields,
});

async function withDay(usd: number, ...usageReports: UsageReport[]): Promise<TestFunctions> {
  const functions = testFunctions({ services: { usageReports } });
  await functions.services.costs.replaceTotals(
    day,
    new Map([
      ['PLATFORM', totals(usd)],
      ['SERVICE#twilio', totals(usd)],
    ]),
  );
  return functions;
}

const comparisonsOf = async ({ services }: TestFunctions) =>
  (await services.costs.reconciliations(day, day)).flatMap(({ comparisons }) => comparisons);

test('a difference is recorded and alarmed once, and closed when it is gone', async () => {
  const functions = await withDay(1, twilioReport({ usd: 1.2, note: 'Total.' }));

  await run(functions, { day });
  await run(functions, { day });

  const [found] = await comparisonsOf(functions);
  assert.deepEqual([found?.status, found?.differenceUsd], ['differs', 0.2]);
  assert.equal(functions.lines.filter(({ msg }) => msg === 'cost.alert').length, 1);

  const services = { ...functions.services, usageReports: [twilioReport({ usd: 1.001, note: '' })] };
  await createReconcileCosts(async () => services)({ day }, {} as Context);

  const [alert] = await functions.services.alerts.alerts();
  assert.equal(alert?.id, `reconciliation#twilio#${day}`);
  assert.ok(alert?.resolvedAt);
});

test('a vendor without a key is left out and says so, and one that is away hides no other', async () => {
  const away = new ProviderError('Away', { provider: 'twilio', failure: 'unavailable' });
  const functions = await withDay(
    1,
    skippedReport(['anthropic'], 'ANTHROPIC_ADMIN_KEY is not set.'),
    twilioReport(away),
  );

  await run(functions, { day });

  assert.deepEqual(
    (await comparisonsOf(functions)).map(({ service, status, explanation }) => [
      service,
      status,
      explanation,
    ]),
    [
      ['anthropic', 'skipped', 'ANTHROPIC_ADMIN_KEY is not set.'],
      ['twilio', 'skipped', 'The vendor could not be asked: unavailable.'],
    ],
  );
  assert.equal(functions.lines.filter(({ msg }) => msg === 'cost.not-reconciled').length, 2);
  assert.equal(functions.lastLine('cost.alert'), undefined);
});

test('a quota warns at 80 and is critical at 95 percent, and its alerts close when it begins anew', async () => {
  let used = 96_000;
  const report = twilioReport(
    { usd: 1, note: '' },
    {
      quotas: async () => [
        {
          name: 'elevenlabs-characters',
          service: 'elevenlabs-tts',
          used,
          max: 100_000,
          unit: 'characters',
          resetsAt: '2026-12-01T00:00:00.000Z',
          at: '2026-11-21T00:00:00.000Z',
        },
      ],
    },
  );
  const functions = await withDay(1, report);

  await run(functions, { day });
  used = 0;
  const raised = functions.lines.filter(({ msg }) => msg === 'cost.alert');
  await run(functions, { day });

  assert.deepEqual(
    raised.map(({ threshold, severity }) => [threshold, severity]),
    [
      [0.8, 'warning'],
      [0.95, 'critical'],
    ],
  );
  assert.ok((await functions.services.alerts.alerts()).every(({ resolvedAt }) => resolvedAt));
});

test('a prepaid balance that lasts less than a week is an alert, until it is filled up', async () => {
  let balanceUsd = 5;
  const functions = await withDay(
    7,
    twilioReport({ usd: 7, note: '' }, { balanceUsd: async () => balanceUsd }),
  );

  await run(functions, { day });
  const [quota] = await functions.services.costs.quotas();
  const open = (await functions.services.alerts.alerts()).filter(
    ({ resolvedAt }) => resolvedAt === undefined,
  );
  balanceUsd = 500;
  await run(functions, { day });

  assert.deepEqual([quota?.name, quota?.used, quota?.max], ['twilio-balance', 7, 5]);
  assert.equal(functions.lastLine('cost.alert')?.['threshold'], 1);
  assert.equal(open.length, 3);
  assert.ok((await functions.services.alerts.alerts()).every(({ resolvedAt }) => resolvedAt));
});

test('what a process told of a rate limit and could not close any more is closed the day after', async () => {
  const functions = await withDay(1, twilioReport({ usd: 1, note: '' }));
  const { alerts } = functions.services;
  const told = (period: string) => ({
    id: `quota#anthropic-tokens#claude#${period}#0.8`,
    kind: 'quota' as const,
    severity: 'warning' as const,
    raisedAt: `${period}T10:00:00.000Z`,
    subject: 'anthropic-tokens#claude',
    period,
    message: '',
  });
  await alerts.raise(told('2026-11-20'));
  await alerts.raise(told('2026-11-21'));

  await run(functions, { day });

  assert.deepEqual(
    (await alerts.alerts()).map(({ period, resolvedAt }) => [period, resolvedAt !== undefined]),
    [
      ['2026-11-21', false],
      ['2026-11-20', true],
    ],
  );
});

test('a day that is unlike its weekday is told, once', async () => {
  const functions = await withDay(50, twilioReport({ usd: 50, note: '' }));
  for (let week = 1; week <= 8; week += 1)
    await functions.services.costs.replaceTotals(addDays(day, -7 * week), new Map([['PLATFORM', totals(5)]]));

  await run(functions, { day });
  await run(functions, { day });

  const alerts = functions.lines.filter(({ reason }) => reason === 'anomaly');
  assert.deepEqual(
    alerts.map(({ subject, amount, limit }) => [subject, amount, limit]),
    [['twilio', 50, 5]],
  );
});
