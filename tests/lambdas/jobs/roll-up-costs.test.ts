import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from 'aws-lambda';
import { summarise } from '#core/costs/summarise.ts';
import { platform } from '#core/costs/totals.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import type { CostStore } from '#core/ports/cost-store.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import { keepCostsOf } from '#lambdas/costs/keep-removed.ts';
import { createRollUpCosts } from '#lambdas/jobs/roll-up-costs.ts';
import { type TestFunctions, testFunctions } from '#tests/lambdas/functions.ts';
import { callRecord, costEvent, newCallSid } from '#tests/support/calls.ts';

const context = {} as Context;
const run = (functions: TestFunctions, event: object = {}) =>
  createRollUpCosts(functions.load)(event, context) as Promise<{ days: readonly string[]; calls: number }>;

async function addCall(store: CallStore, fields: Partial<CallRecord>, costUsd: number): Promise<CallRecord> {
  const record = callRecord({ callSid: newCallSid(), ...fields });
  await store.create(record);
  const endedAt = fields.endedAt ?? record.startedAt;
  const events = [costEvent(record.callSid, 0, { at: endedAt, costUsd })];
  await store.putCostEvents(events);
  const ending = { outcome: 'completed', endedAt, durationSecs: 60, turnCount: 2 } as const;
  await store.finish(record.callSid, { ...ending, costSummary: summarise(events) });
  return record;
}

const wholeOf = async (costs: CostStore, period: string) =>
  (await costs.totals([period], platform)).get(period);

test('yesterday is added up, told in one line, and the month with it', async () => {
  const functions = testFunctions();
  const { store, costs } = functions.services;
  await addCall(store, { startedAt: '2026-11-20T10:00:00.000Z', role: 'judge' }, 0.25);
  await addCall(store, { startedAt: '2026-11-20T11:00:00.000Z', keyId: 'crm' }, 0.5);

  await run(functions);

  const line = functions.lines.find(({ msg, ...rest }) => msg === 'cost.rollup.daily' && rest['calls'] === 2);
  assert.equal(line?.['day'], '2026-11-20');
  assert.equal(line?.['costUsd'], 0.75);
  assert.equal(line?.['costPerMinuteUsd'], 0.375);
  assert.equal((await wholeOf(costs, '2026-11'))?.costUsd, 0.75);
  assert.equal((await costs.totalsBy('2026-11-20', 'ROLE')).get('judge')?.costUsd, 0.25);
  assert.equal((await costs.totalsBy('2026-11', 'KEY')).get('crm')?.costUsd, 0.5);
});

test('adding up twice is adding up once', async () => {
  const functions = testFunctions();
  const { store, costs } = functions.services;
  await addCall(store, { startedAt: '2026-11-20T10:00:00.000Z' }, 0.25);
  await run(functions);
  const once = await wholeOf(costs, '2026-11');
  const told = functions.lines.length;

  await run(functions);

  assert.deepEqual(await wholeOf(costs, '2026-11'), once);
  assert.equal(functions.lines.length, told);
});

test('a call over midnight costs each day what was spent in it, and is one call', async () => {
  const functions = testFunctions();
  const { store, costs } = functions.services;
  const record = callRecord({ startedAt: '2026-11-19T23:58:00.000Z' });
  await store.create(record);
  const events = [
    costEvent(record.callSid, 0, { at: '2026-11-19T23:59:00.000Z', costUsd: 0.1 }),
    costEvent(record.callSid, 1, { at: '2026-11-20T00:01:00.000Z', costUsd: 0.2 }),
  ];
  await store.putCostEvents(events);
  await store.finish(record.callSid, {
    outcome: 'completed',
    endedAt: '2026-11-20T00:01:00.000Z',
    durationSecs: 180,
    turnCount: 4,
    costSummary: summarise(events),
  });

  await run(functions);

  const days = await costs.totals(['2026-11-19', '2026-11-20'], platform);
  assert.deepEqual(
    [...days.values()].map(({ calls, costUsd }) => [calls, costUsd]),
    [
      [1, 0.1],
      [0, 0.2],
    ],
  );
  const month = await wholeOf(costs, '2026-11');
  assert.deepEqual([month?.calls, month?.costUsd], [1, 0.3]);
});

test('a day that was missed is caught up, and an event that came late is counted by the next run', async () => {
  const functions = testFunctions();
  const { store, costs } = functions.services;
  await addCall(store, { startedAt: '2026-11-02T10:00:00.000Z' }, 0.25);
  const late = callRecord({ startedAt: '2026-11-20T10:00:00.000Z' });
  await store.create(late);
  await run(functions);
  assert.equal((await wholeOf(costs, '2026-11-02'))?.costUsd, 0.25);
  assert.equal((await wholeOf(costs, '2026-11-20'))?.costUsd, 0);

  await store.putCostEvents([costEvent(late.callSid, 0, { at: '2026-11-20T10:00:05.000Z', costUsd: 0.5 })]);
  const { days } = await run(functions);

  assert.equal((await wholeOf(costs, '2026-11-20'))?.costUsd, 0.5);
  assert.deepEqual(days, ['2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21']);
});

test('a run that is cut off anywhere is completed by the next one', async () => {
  for (let failing = 1; failing <= 8; failing += 1) {
    const functions = testFunctions();
    const { store, costs } = functions.services;
    await addCall(store, { startedAt: '2026-11-20T10:00:00.000Z' }, 0.25);
    let writes = 0;
    const cutOff: CostStore = {
      ...costs,
      async replaceTotals(period, totals) {
        writes += 1;
        if (period.startsWith('2026-11') && writes >= 32 + failing) throw new Error('cut off');
        return costs.replaceTotals(period, totals);
      },
    };
    const services = { ...functions.services, costs: cutOff };
    await createRollUpCosts(async () => services)({}, context).then(
      () => undefined,
      () => undefined,
    );

    await run(functions);

    assert.equal((await wholeOf(costs, '2026-11'))?.costUsd, 0.25);
  }
});

test('one day can be added up by hand', async () => {
  const functions = testFunctions();
  await addCall(functions.services.store, { startedAt: '2026-01-05T10:00:00.000Z' }, 0.25);

  const outcome = await run(functions, { day: '2026-01-05' });

  assert.deepEqual(outcome, { days: ['2026-01-05'], calls: 1 });
});

test('a call that was removed stays in the totals, but not under its caller', async () => {
  const functions = testFunctions();
  const { store, costs } = functions.services;
  const record = await addCall(store, { startedAt: '2026-11-20T10:00:00.000Z' }, 0.25);
  await run(functions);
  assert.equal((await costs.totalsBy('2026-11-20', 'CALLER')).size, 1);

  await keepCostsOf(record.callSid, functions.services);
  await store.delete(record.callSid);
  await run(functions);

  const whole = await wholeOf(costs, '2026-11-20');
  assert.deepEqual([whole?.calls, whole?.costUsd, whole?.durationSecs], [1, 0.25, 60]);
  assert.equal((await costs.totalsBy('2026-11-20', 'CALLER')).size, 0);
});
