import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { partOfCall, wholeCall } from '#core/costs/contribution.ts';
import type { CostEvent } from '#core/costs/cost-event.ts';
import { addDays, daysFrom, daysOfMonth } from '#core/costs/days.ts';
import { createLedger } from '#core/costs/ledger.ts';
import { sumUsd } from '#core/costs/money.ts';
import { defaultPrices } from '#core/costs/prices.ts';
import { planRollup } from '#core/costs/rollup-plan.ts';
import { settledEvents } from '#core/costs/settled.ts';
import { knownUsdOf, summarise } from '#core/costs/summarise.ts';
import { addUp, type Contribution, collectTotals, mergeInto, platform } from '#core/costs/totals.ts';
import { callRecord, costEvent, newCallSid } from '#tests/support/calls.ts';

const callSid = newCallSid();
const event = (seq: number, fields: Partial<CostEvent> = {}) => costEvent(callSid, seq, fields);

const events: fc.Arbitrary<readonly CostEvent[]> = fc
  .array(
    fc
      .record({
        service: fc.constantFrom('anthropic', 'elevenlabs-tts', 'twilio'),
        costUsd: fc.option(fc.integer({ min: 0, max: 5_000_000 }).map((nanos) => nanos / 1e9)),
        usage: fc.integer({ min: 0, max: 5_000 }),
        estimated: fc.boolean(),
        outcome: fc.constantFrom('used', 'wasted', 'failed'),
      } as const)
      .map((fields) => fields as Partial<CostEvent>),
    { maxLength: 8 },
  )
  .map((list) => list.map((fields, seq) => event(seq, fields)));

const calls = fc.array(
  fc.record({
    callSid: fc.constant(null).map(() => newCallSid()),
    role: fc.constantFrom('parent', 'judge'),
    direction: fc.constantFrom('inbound', 'outbound'),
    outcome: fc.constantFrom('completed', 'lost', 'transferred'),
    keyId: fc.option(fc.constantFrom('crm', 'web'), { nil: undefined }),
    callerHash: fc.constantFrom('a', 'b', 'c'),
    began: fc.boolean(),
    durationSecs: fc.integer({ min: 0, max: 3_600_000 }).map((ms) => ms / 1000),
    turnCount: fc.nat(30),
    summary: events.map(summarise),
  }),
  { maxLength: 12 },
) as fc.Arbitrary<Contribution[]>;

const totalsOf = (contributions: readonly Contribution[]) => {
  const collector = collectTotals();
  for (const call of contributions) collector.add(call);
  return new Map([...collector.totals()].sort(([a], [b]) => (a < b ? -1 : 1)));
};

describe('totals over calls', () => {
  test('are the same in any order of the calls, and when calls are given twice', () => {
    fc.assert(
      fc.property(calls, fc.infiniteStream(fc.nat()), (list, order) => {
        const shuffled = list
          .map((call) => ({ call, at: order.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at)
          .map(({ call }) => call);

        assert.deepEqual(totalsOf([...shuffled, ...list]), totalsOf(list));
      }),
    );
  });

  test('hold every cent once: roles, directions and services each add up to the whole', () => {
    fc.assert(
      fc.property(calls, (list) => {
        const totals = totalsOf(list);
        const sumOf = (kind: string) =>
          sumUsd([...totals].filter(([name]) => name.startsWith(kind)).map(([, { costUsd }]) => costUsd));
        const whole = totals.get(platform)?.costUsd ?? 0;

        assert.deepEqual(
          [sumOf('ROLE#'), sumOf('DIRECTION#'), sumOf('SERVICE#'), sumOf('CALLER#')],
          [whole, whole, whole, whole],
        );
      }),
    );
  });

  test('of days add up to those of all their calls', () => {
    fc.assert(
      fc.property(calls, fc.nat(12), (list, at) => {
        const merged = mergeInto();
        for (const part of [list.slice(0, at), list.slice(at)])
          for (const [name, totals] of totalsOf(part)) merged.add(name, totals);

        assert.deepEqual(new Map([...merged.totals()].sort(([a], [b]) => (a < b ? -1 : 1))), totalsOf(list));
      }),
    );
  });

  test('say how many calls have a part of unknown cost, and count the known part', () => {
    const known = summarise([event(0, { costUsd: 0.25 })]);
    const partly = summarise([event(0, { costUsd: 0.5 }), event(1, { costUsd: null, service: 'anthropic' })]);
    const record = callRecord({ endedAt: '2026-11-21T12:03:00.000Z' });

    const totals = totalsOf([
      wholeCall({ ...record, costSummary: known }),
      wholeCall({ ...record, callSid: newCallSid(), costSummary: partly }),
    ]).get(platform);

    assert.deepEqual([totals?.calls, totals?.costUsd, totals?.callsOfUnknownCost], [2, 0.75, 1]);
  });

  test('begin at nothing', () => {
    assert.equal(addUp([]).costUsd, 0);
  });
});

describe('the events of a call', () => {
  test('count once, and not at all when a better one took their place, in any order', () => {
    fc.assert(
      fc.property(events, fc.nat(8), fc.boolean(), (list, replaced, before) => {
        const better = event(900, { supersedes: replaced, costUsd: 0.5 });
        const given = before ? [better, ...list, ...list] : [...list, better, better];

        const rest = list.filter(({ seq }) => seq !== replaced);
        assert.equal(knownUsdOf(settledEvents(given)), sumUsd([knownUsdOf(rest), 0.5]));
      }),
    );
  });

  test('of a call over midnight are money of the day they happened in; the call counts where it began', () => {
    const record = callRecord({
      startedAt: '2026-11-20T23:59:00.000Z',
      endedAt: '2026-11-21T00:01:00.000Z',
      durationSecs: 120,
    });
    const all = [
      event(0, { at: '2026-11-20T23:59:30.000Z', costUsd: 0.1 }),
      event(1, { at: '2026-11-21T00:00:30.000Z', costUsd: 0.2 }),
    ];

    const parts = ['2026-11-20', '2026-11-21', '2026-11-22'].map((day) => partOfCall(record, day, all));

    assert.deepEqual(
      parts.map((part) => part && [part.began, part.summary.estimatedCostUsd]),
      [[true, 0.1], [false, 0.2], undefined],
    );
    const totals = parts.slice(0, 2).map((part) => part && totalsOf([part]).get(platform));
    assert.deepEqual(
      totals.map((sums) => [sums?.calls, sums?.durationSecs, sums?.costUsd]),
      [
        [1, 120, 0.1],
        [0, 0, 0.2],
      ],
    );
  });

  test('show what the cache saved, its writes paid', () => {
    const ledger = createLedger({ callSid, prices: defaultPrices });
    const usage = {
      inputTokens: 10,
      cacheWrite5mTokens: 1_000,
      cacheWrite1hTokens: 0,
      cacheReadTokens: 10_000,
    };
    ledger.record(
      {
        kind: 'model',
        model: 'claude-haiku-4-5',
        usage: { ...usage, outputTokens: 5 },
        outcome: 'used',
        estimated: false,
      },
      new Date('2026-11-21T12:00:00Z'),
    );

    const { cacheSavedUsd } = ledger.summary();

    assert.equal(cacheSavedUsd, 0.00875);
  });
});

describe('the plan of a rollup', () => {
  test('takes the last three days again, catches up what was missed, and looks at today', () => {
    const today = '2026-11-21';
    const complete = new Set(daysFrom('2026-10-01', '2026-11-20').filter((day) => day !== '2026-11-11'));

    assert.deepEqual(planRollup(today, complete), {
      closedDays: ['2026-11-11', '2026-11-18', '2026-11-19', '2026-11-20'],
      today,
    });
  });

  test('knows months of every length', () => {
    assert.deepEqual(
      ['2026-02', '2028-02', '2026-12'].map((month) => daysOfMonth(month).at(-1)),
      ['2026-02-28', '2028-02-29', '2026-12-31'],
    );
    assert.equal(addDays('2026-12-31', 1), '2027-01-01');
  });
});
