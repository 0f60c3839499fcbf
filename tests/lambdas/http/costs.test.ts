import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Context } from 'aws-lambda';
import { budgetAlert } from '#core/costs/alerts.ts';
import { alertsAnswerSchema, budgetsAnswerSchema, callCostAnswerSchema } from '#core/http/costs.ts';
import { createCostsAlerts } from '#lambdas/http/costs-alerts.ts';
import { createCostsBudgets } from '#lambdas/http/costs-budgets.ts';
import { createCostsCall } from '#lambdas/http/costs-call.ts';
import { createCostsRollup } from '#lambdas/http/costs-rollup.ts';
import { createRollUpCosts } from '#lambdas/jobs/roll-up-costs.ts';
import { cronSecret, keys, testFunctions } from '#tests/lambdas/functions.ts';
import { callRecord } from '#tests/support/calls.ts';
import { addCall, answered, ask } from './costs-requests.ts';

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
    assert.match(answer.forecast.method, /Mean of all days/);
    assert.deepEqual([answer.burnDown.limitUsd, answer.burnDown.crossedOn], [100, null]);
    assert.deepEqual(
      answer.burnDown.days
        .slice(19, 22)
        .map(({ usd, cumulativeUsd, budgetUsd, projectedUsd }) => [
          usd,
          cumulativeUsd,
          budgetUsd,
          projectedUsd,
        ]),
      [
        [0.15, 0.45, 66.666666667, null],
        [0, 0.45, 70, 0.6],
        [null, null, 73.333333333, 0.75],
      ],
    );
  });

  test('forecasts and draws the month of one key, and of nobody else', async () => {
    const functions = testFunctions({
      variables: { BUDGETS: JSON.stringify({ keys: { crm: { monthUsd: 10 } } }) },
    });
    for (const [day, keyId] of [
      ['2026-11-18', 'crm'],
      ['2026-11-19', 'web'],
      ['2026-11-20', 'crm'],
    ] as const)
      await addCall(functions, { startedAt: `${day}T10:00:00.000Z`, keyId }, 10);
    await createRollUpCosts(functions.load)({}, {} as Context);

    const { forecast, burnDown } = answered(
      budgetsAnswerSchema,
      await ask(createCostsBudgets, functions, { query: 'name=KEY%23crm' }),
    );
    const refused = await ask(createCostsBudgets, functions, { query: 'name=CALLER%23x' });

    assert.deepEqual([forecast.name, forecast.spentUsd, burnDown.limitUsd], ['KEY#crm', 0.3, 10]);
    assert.deepEqual(
      burnDown.days.slice(17, 20).map(({ usd }) => usd),
      [0.15, 0, 0.15],
    );
    assert.equal(refused.status, 400);
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
    const all = answered(
      alertsAnswerSchema,
      await ask(createCostsAlerts, functions, { query: 'status=all&limit=2' }),
    );
    const rest = answered(
      alertsAnswerSchema,
      await ask(createCostsAlerts, functions, { query: `status=all&limit=2&cursor=${all.cursor}` }),
    );
    const forged = await ask(createCostsAlerts, functions, { query: 'cursor=bm90aGluZw' });

    assert.deepEqual(
      [first, second, closed, all, rest].map(({ items }) => items.map(({ threshold }) => threshold)),
      [[1], [0.95], [0.8], [1, 0.95], [0.8]],
    );
    assert.deepEqual(
      closed.items.map(({ raisedAt, resolvedAt }) => [raisedAt, resolvedAt]),
      [['2026-11-21T00:00:00.000Z', '2026-11-21T10:00:00.000Z']],
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
