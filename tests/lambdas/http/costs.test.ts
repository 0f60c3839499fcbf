import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Context } from 'aws-lambda';
import type * as z from 'zod';
import { budgetAlert } from '#core/costs/alerts.ts';
import { createLedger } from '#core/costs/ledger.ts';
import { defaultPrices } from '#core/costs/prices.ts';
import {
  alertsAnswerSchema,
  budgetsAnswerSchema,
  callCostAnswerSchema,
  costSummaryAnswerSchema,
} from '#core/http/costs.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import { createCostsAlerts } from '#lambdas/http/costs-alerts.ts';
import { createCostsBudgets } from '#lambdas/http/costs-budgets.ts';
import { createCostsCall } from '#lambdas/http/costs-call.ts';
import { createCostsRollup } from '#lambdas/http/costs-rollup.ts';
import { createCostsSummary } from '#lambdas/http/costs-summary.ts';
import { createRollUpCosts } from '#lambdas/jobs/roll-up-costs.ts';
import {
  type Answer,
  cronSecret,
  gatewayEvent,
  invoke,
  keys,
  type TestFunctions,
  testFunctions,
} from '#tests/lambdas/functions.ts';
import { callRecord } from '#tests/support/calls.ts';

interface Ask {
  readonly query?: string;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly key?: string;
  readonly method?: string;
}

const ask = (
  create: (load: TestFunctions['load']) => unknown,
  functions: TestFunctions,
  { query = '', pathParameters = {}, key = keys.everything, method = 'GET' }: Ask = {},
): Promise<Answer> =>
  invoke(
    create(functions.load),
    gatewayEvent({
      method,
      path: '/costs',
      query,
      pathParameters,
      headers: { authorization: `Bearer ${key}` },
    }),
  );

/** What was sent must be what the schema says, and nothing else. */
function answered<T extends z.ZodType>(schema: T, answer: Answer): z.output<T> {
  assert.equal(answer.status, 200, answer.body);
  const parsed = schema.parse(answer.json);
  assert.deepEqual(parsed, answer.json);
  return parsed;
}

async function addCall(
  functions: TestFunctions,
  fields: Partial<CallRecord>,
  minutes: number,
): Promise<CallRecord> {
  const { store } = functions.services;
  const record = callRecord(fields);
  await store.create(record);
  const ledger = createLedger({ callSid: record.callSid, prices: defaultPrices });
  const at = new Date(record.startedAt);
  ledger.meter('call', { kind: 'call-leg', direction: 'inbound', seconds: minutes * 60 }, at);
  ledger.meter('call', { kind: 'recognition', seconds: minutes * 60 }, at);
  await store.putCostEvents(ledger.pending());
  await store.finish(record.callSid, {
    outcome: 'completed',
    endedAt: record.startedAt,
    durationSecs: minutes * 60,
    turnCount: 2,
    costSummary: ledger.summary(),
  });
  return record;
}

async function withCalls(): Promise<TestFunctions> {
  const functions = testFunctions();
  await addCall(functions, { startedAt: '2026-11-19T10:00:00.000Z', role: 'judge' }, 1);
  await addCall(functions, { startedAt: '2026-11-19T11:00:00.000Z', keyId: 'crm' }, 2);
  await addCall(functions, { startedAt: '2026-11-20T11:00:00.000Z' }, 3);
  await createRollUpCosts(functions.load)({}, {} as Context);
  return functions;
}

describe('GET /costs/call/{callSid}', () => {
  test('tells what a call cost, per minute and event by event', async () => {
    const functions = testFunctions();
    const { callSid } = await addCall(functions, {}, 2);

    const answer = await ask(createCostsCall, functions, { pathParameters: { callSid } });

    const { summary, costPerMinuteUsd, events } = answered(callCostAnswerSchema, answer);
    assert.equal(summary.estimatedCostUsd, 0.03);
    assert.equal(costPerMinuteUsd, 0.015);
    assert.deepEqual(
      events.map(({ operation }) => operation),
      ['recognition-seconds', 'inbound-minutes'],
    );
  });

  test('knows no call that is not there, and no key without the scope', async () => {
    const functions = testFunctions();
    const { callSid } = callRecord();

    const gone = await ask(createCostsCall, functions, { pathParameters: { callSid } });
    const reading = await ask(createCostsCall, functions, { pathParameters: { callSid }, key: keys.reading });

    assert.deepEqual([gone.status, reading.status], [404, 403]);
  });
});

describe('GET /costs/summary', () => {
  test('gives a series of days, a total, and the dearest calls', async () => {
    const answer = await ask(createCostsSummary, await withCalls(), {
      query: 'from=2026-11-18&to=2026-11-20',
    });

    const { total, series, topCalls, missingDays, groups } = answered(costSummaryAnswerSchema, answer);
    assert.deepEqual([total.calls, total.costUsd, total.costPerMinuteUsd], [3, 0.09, 0.015]);
    assert.deepEqual(
      series.map(({ day, calls, costUsd, complete }) => [day, calls, costUsd, complete]),
      [
        ['2026-11-18', 0, 0, true],
        ['2026-11-19', 2, 0.045, true],
        ['2026-11-20', 1, 0.045, true],
      ],
    );
    assert.deepEqual(
      topCalls.map(({ costUsd }) => costUsd),
      [0.045, 0.03, 0.015],
    );
    assert.deepEqual([missingDays, groups.length], [[], 3]);
  });

  for (const [groupBy, expected] of [
    ['role', { parent: 0.075, judge: 0.015 }],
    ['service', { twilio: 0.051, 'elevenlabs-stt': 0.039 }],
    ['key', { crm: 0.03 }],
    ['outcome', { completed: 0.09 }],
  ] as const)
    test(`groups by ${groupBy}, the dearest first`, async () => {
      const query = `from=2026-11-18&to=2026-11-20&groupBy=${groupBy}`;

      const { groups } = answered(
        costSummaryAnswerSchema,
        await ask(createCostsSummary, await withCalls(), { query }),
      );

      assert.deepEqual(Object.fromEntries(groups.map(({ name, costUsd }) => [name, costUsd])), expected);
      assert.deepEqual(
        groups.map(({ name }) => name),
        Object.keys(expected),
      );
    });

  test('says which days nobody has added up, and refuses ranges that cannot be', async () => {
    const functions = await withCalls();

    const early = await ask(createCostsSummary, functions, { query: 'from=2026-01-01&to=2026-01-02' });
    const others = await Promise.all(
      [
        'from=2026-11-20&to=2026-11-19',
        'from=2026-01-01&to=2026-11-19',
        'from=yesterday',
        'groupBy=moon',
      ].map((query) => ask(createCostsSummary, functions, { query })),
    );

    assert.deepEqual(answered(costSummaryAnswerSchema, early).missingDays, ['2026-01-01', '2026-01-02']);
    assert.deepEqual(
      others.map(({ status }) => status),
      [400, 400, 400, 400],
    );
  });
});

describe('GET /costs/budgets', () => {
  test('tells what is taken of each budget, the burn-down, and the forecast with its method', async () => {
    const functions = testFunctions({
      variables: {
        BUDGETS: JSON.stringify({
          callUsd: 1,
          stage: { dayUsd: 0.06, monthUsd: 100 },
          keys: { crm: { dayUsd: 1 } },
        }),
      },
    });
    for (const day of ['2026-11-18', '2026-11-19', '2026-11-20'])
      await addCall(functions, { startedAt: `${day}T10:00:00.000Z` }, 10);
    await createRollUpCosts(functions.load)({}, {} as Context);
    const { budgetGuard } = functions.services;
    await budgetGuard.reserve(budgetGuard.accounts({ keyId: 'crm' }));

    const answer = answered(budgetsAnswerSchema, await ask(createCostsBudgets, functions));

    assert.deepEqual(
      answer.items.map(({ name, period, takenUsd, state }) => [name, period, takenUsd, state]),
      [
        ['STAGE', '2026-11-21', 0.05, 'warning'],
        ['STAGE', '2026-11', 0.05, 'ok'],
        ['KEY#crm', '2026-11-21', 0.05, 'ok'],
      ],
    );
    assert.equal(answer.forecast.spentUsd, 0.45);
    assert.ok((answer.forecast.projectedUsd ?? 0) > 0.45);
    assert.match(answer.forecast.method, /same weekday/);
    assert.deepEqual(answer.burnDown.at(-1), { day: '2026-11-21', usd: 0, cumulativeUsd: 0.45 });
  });
});

describe('GET /costs/alerts', () => {
  test('lists what is open, page by page, and what was closed when asked', async () => {
    const functions = testFunctions();
    const { alerts } = functions.services;
    const account = { name: 'STAGE', period: '2026-11', limitUsd: 1 };
    for (const [i, threshold] of ([0.8, 0.95, 1] as const).entries())
      await alerts.raise(budgetAlert(account, threshold, threshold, new Date(Date.UTC(2026, 10, 21, i))));
    await alerts.resolve('budget#STAGE#2026-11#0.8', new Date('2026-11-21T10:00:00Z'));

    const first = answered(alertsAnswerSchema, await ask(createCostsAlerts, functions, { query: 'limit=1' }));
    const second = answered(
      alertsAnswerSchema,
      await ask(createCostsAlerts, functions, { query: `limit=1&cursor=${first.cursor}` }),
    );
    const closed = answered(
      alertsAnswerSchema,
      await ask(createCostsAlerts, functions, { query: 'status=resolved' }),
    );
    const forged = await ask(createCostsAlerts, functions, { query: 'cursor=bm90aGluZw' });

    assert.deepEqual(
      [first, second, closed].map(({ items }) => items.map(({ threshold }) => threshold)),
      [[1], [0.95], [0.8]],
    );
    assert.equal(second.cursor, undefined);
    assert.equal(forged.status, 400);
  });
});

describe('POST /costs/rollup', () => {
  test('adds up one day for whoever knows the secret, and for nobody else', async () => {
    const functions = testFunctions();
    await addCall(functions, { startedAt: '2026-01-05T10:00:00.000Z' }, 1);

    const query = 'day=2026-01-05';
    const refused = await ask(createCostsRollup, functions, { query, method: 'POST' });
    const done = await ask(createCostsRollup, functions, { query, method: 'POST', key: cronSecret });
    const wrong = await ask(createCostsRollup, functions, {
      query: 'day=x',
      method: 'POST',
      key: cronSecret,
    });

    assert.deepEqual([refused.status, done.status, wrong.status], [401, 200, 400]);
    assert.deepEqual(done.json, { days: ['2026-01-05'], calls: 1 });
    assert.equal(functions.lastLine('access.refused')?.['what'], 'cron-secret');
  });
});
