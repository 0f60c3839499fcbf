import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Context } from 'aws-lambda';
import fc from 'fast-check';
import { daysFrom } from '#core/costs/days.ts';
import { sumUsd } from '#core/costs/money.ts';
import { noTotals } from '#core/costs/totals.ts';
import { costSummaryAnswerSchema } from '#core/http/costs.ts';
import { createCostsSummary } from '#lambdas/http/costs-summary.ts';
import { createRollUpCosts } from '#lambdas/jobs/roll-up-costs.ts';
import { testFunctions } from '#tests/lambdas/functions.ts';
import { addCall, answered, ask, withCalls } from './costs-requests.ts';

describe('GET /costs/summary', () => {
  test('gives a series of days, a total, and the dearest calls', async () => {
    const answer = await ask(createCostsSummary, await withCalls(), {
      query: 'from=2026-11-18&to=2026-11-20',
    });

    const { total, series, topCalls, missingDays, groups, anomalies } = answered(
      costSummaryAnswerSchema,
      answer,
    );
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
    assert.deepEqual([missingDays, anomalies, groups.length], [[], [], 3]);
  });

  for (const [groupBy, expected] of [
    ['role', { parent: 0.075, judge: 0.015 }],
    ['service', { twilio: 0.051, 'elevenlabs-stt': 0.039 }],
    ['key', { '(none)': 0.06, crm: 0.03 }],
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

  test('has every day of the range, and every service: 0 where nothing was spent, null where nobody knows', async () => {
    const query = 'from=2026-11-19&to=2026-11-23&groupBy=key';

    const { series, groups } = answered(
      costSummaryAnswerSchema,
      await ask(createCostsSummary, await withCalls(), { query }),
    );

    assert.deepEqual(
      series.map(({ day, costUsd, costPerMinuteUsd, complete }) => [
        day,
        costUsd,
        costPerMinuteUsd,
        complete,
      ]),
      [
        ['2026-11-19', 0.045, 0.015, true],
        ['2026-11-20', 0.045, 0.015, true],
        ['2026-11-21', 0, null, false],
        ['2026-11-22', null, null, false],
        ['2026-11-23', null, null, false],
      ],
    );
    assert.deepEqual(
      series.map(({ costByService }) => [costByService.twilio, costByService.anthropic]),
      [
        [0.0255, 0],
        [0.0255, 0],
        [0, 0],
        [null, null],
        [null, null],
      ],
    );
    assert.deepEqual(
      groups.map(({ name, costByDayUsd }) => [name, costByDayUsd]),
      [
        ['(none)', [0.015, 0.045, 0, null, null]],
        ['crm', [0.03, 0, 0, null, null]],
      ],
    );
  });

  test('finds days that are unlike their weekday', async () => {
    const functions = testFunctions();
    const { costs } = functions.services;
    for (const day of daysFrom('2026-09-01', '2026-11-20')) {
      const usd = day === '2026-11-18' ? 50 : 5;
      const totals = { ...noTotals, calls: 1, costUsd: usd, costByService: { twilio: usd } };
      await costs.replaceTotals(day, new Map([['PLATFORM', totals]]));
      await costs.noteRollup({ day, at: '2026-11-21T06:00:00.000Z', complete: true, calls: 1, top: [] });
    }

    const { anomalies } = answered(
      costSummaryAnswerSchema,
      await ask(createCostsSummary, functions, { query: 'from=2026-11-01&to=2026-11-21' }),
    );

    assert.deepEqual(
      anomalies.map(({ day, service, usd, usualUsd }) => [day, service, usd, usualUsd]),
      [['2026-11-18', 'twilio', 50, 5]],
    );
  });

  test('adds up to the same total by day and service, by role, by key, by direction and by outcome', async () => {
    const call = fc.record({
      role: fc.constantFrom('parent', 'judge', 'cps'),
      keyId: fc.option(fc.constantFrom('crm', 'web'), { nil: undefined }),
      day: fc.constantFrom('2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21'),
      minutes: fc.integer({ min: 1, max: 30 }),
      isOver: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 12 }), async (list) => {
        const functions = testFunctions();
        for (const { role, keyId, day, minutes, isOver } of list)
          await addCall(
            functions,
            { role, startedAt: `${day}T10:00:00.000Z`, ...(keyId === undefined ? {} : { keyId }) },
            minutes,
            isOver,
          );
        await createRollUpCosts(functions.load)({}, {} as Context);
        const by = async (groupBy: string) =>
          answered(
            costSummaryAnswerSchema,
            await ask(createCostsSummary, functions, {
              query: `from=2026-11-18&to=2026-11-21&groupBy=${groupBy}`,
            }),
          );

        const whole = await by('day');
        const sums = [
          whole.series.flatMap(({ costByService }) => Object.values(costByService)),
          whole.series.map(({ costUsd }) => costUsd),
          Object.values(whole.total.costByService),
        ];
        for (const groupBy of ['day', 'role', 'service', 'key', 'direction', 'outcome']) {
          const { groups } = await by(groupBy);
          sums.push(groups.map(({ costUsd }) => costUsd));
          if (groupBy !== 'day') sums.push(groups.flatMap(({ costByDayUsd = [] }) => costByDayUsd));
        }

        const expected = sumUsd(list.map(({ minutes }) => minutes * 0.015));
        assert.deepEqual(
          sums.map((amounts) => sumUsd(amounts.map((usd) => usd ?? 0))),
          sums.map(() => expected),
        );
      }),
      { numRuns: 15 },
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
