import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { burnDown } from '#core/costs/burn-down.ts';
import { addDays, daysFrom, monthOf, weekdayOf } from '#core/costs/days.ts';
import { forecastMonth } from '#core/costs/forecast.ts';
import { compare } from '#core/costs/reconcile.ts';
import { createNormal } from '#tests/support/normal.ts';

const costing = (from: string, to: string, usdOf: (day: string) => number) =>
  new Map(daysFrom(from, to).map((day) => [day, usdOf(day)]));

/** Ten dollars on working days, two at weekends. */
const weekly = (day: string) => ([0, 6].includes(weekdayOf(day)) ? 2 : 10);

describe('the forecast of a month', () => {
  test('knows weekends from working days', () => {
    const { spentUsd, projectedUsd, lowUsd, highUsd } = forecastMonth(
      costing('2026-10-01', '2026-11-14', weekly),
      '2026-11-15',
    );

    const month = daysFrom('2026-11-01', '2026-11-30').reduce((sum, day) => sum + weekly(day), 0);
    assert.deepEqual([projectedUsd, lowUsd, highUsd], [month, month, month]);
    assert.ok(spentUsd < month);
  });

  test('says nothing from two days', () => {
    const forecast = forecastMonth(
      costing('2026-11-01', '2026-11-02', () => 5),
      '2026-11-03',
    );

    assert.deepEqual([forecast.spentUsd, forecast.projectedUsd], [10, null]);
    assert.match(forecast.method, /2 of them known/);
  });

  test('lies within its interval, which never falls below what is spent', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 40, maxLength: 40 }), (cents) => {
        const daily = new Map(cents.map((cent, i) => [addDays('2026-10-10', i), cent / 100]));
        const { spentUsd, projectedUsd, lowUsd, highUsd } = forecastMonth(daily, '2026-11-19');

        assert.ok(projectedUsd !== null && lowUsd !== null && highUsd !== null);
        assert.ok(lowUsd >= spentUsd && lowUsd <= projectedUsd && projectedUsd <= highUsd);
      }),
    );
  });
});

describe('the forecast of a month, tried on months that are over', () => {
  /** A business with weekends, growth and noise, as dollars of each day. */
  const business = (seed: number, { growth, noise }: { readonly growth: number; readonly noise: number }) => {
    const random = createNormal(seed);
    const from = '2026-08-03';
    return costing(from, '2026-11-30', (day) => {
      const months = (Date.parse(day) - Date.parse(from)) / 86_400_000 / 30;
      const level = 100 * Math.exp(growth * months) * ([0.3, 1.1, 1, 1.05, 1, 0.9, 0.4][weekdayOf(day)] ?? 1);
      return level * Math.exp(noise * random() - noise ** 2 / 2);
    });
  };
  const seeds = Array.from({ length: 100 }, (_, i) => i * 17 + 1);

  for (const growth of [0, 0.05, 0.15])
    for (const today of ['2026-11-08', '2026-11-20'])
      test(`holds the end in its interval four times in five: growth of ${growth * 100} % a month, seen on ${today}`, () => {
        const held = seeds.filter((seed) => {
          const all = business(seed, { growth, noise: 0.2 });
          const end = [...all].reduce((sum, [day, usd]) => (monthOf(day) === '2026-11' ? sum + usd : sum), 0);
          const { lowUsd, highUsd } = forecastMonth(new Map([...all].filter(([day]) => day < today)), today);
          return end >= (lowUsd ?? Number.POSITIVE_INFINITY) && end <= (highUsd ?? 0);
        });

        const share = held.length / seeds.length;
        assert.ok(share >= 0.7 && share <= 0.9, String(share));
      });
});

describe('the burn-down of a month', () => {
  const closed = costing('2026-10-01', '2026-11-14', weekly);

  test('has every day: spent so far, the even pace, and what is to come', () => {
    const daily = new Map([...closed, ['2026-11-15', 1]]);
    daily.delete('2026-11-05');
    const forecast = forecastMonth(closed, '2026-11-15');

    const { days } = burnDown(daily, { today: '2026-11-15', limitUsd: 300, forecast });

    assert.deepEqual(
      days.map(({ day }) => day),
      daysFrom('2026-11-01', '2026-11-30'),
    );
    const [first, fifth, fifteenth, last] = [0, 4, 14, 29].map((i) => days[i]);
    assert.deepEqual(
      [first?.usd, first?.cumulativeUsd, first?.budgetUsd, first?.projectedUsd],
      [2, 2, 10, null],
    );
    assert.deepEqual([fifth?.usd, fifth?.cumulativeUsd], [null, null]);
    assert.deepEqual([fifteenth?.usd, fifteenth?.projectedUsd !== null], [1, true]);
    assert.deepEqual([last?.usd, last?.budgetUsd, last?.projectedUsd], [null, 300, forecast.projectedUsd]);
  });

  test('says on which day the limit will be crossed, was crossed, or that it will not be', () => {
    const today = '2026-11-15';
    const forecast = forecastMonth(closed, today);
    const crossed = [1_000, 150, 50, null].map(
      (limitUsd) => burnDown(closed, { today, limitUsd, forecast }).crossedOn,
    );

    assert.deepEqual(crossed, [null, '2026-11-20', '2026-11-06', null]);
  });
});

describe('our books and a vendor’s', () => {
  const ours = { usd: 10, estimatedUsd: 0.15, calls: 100 };

  test('agree within two percent, with the reason', () => {
    const found = compare('anthropic', ours, { usd: 10.12, note: 'Usage report.' });

    assert.deepEqual([found.status, found.differenceUsd], ['agrees', 0.12]);
    assert.match(found.explanation, /within the part that is our own count/);
  });

  test('differ beyond two percent, and beyond a cent a call however small that is in percent', () => {
    const dear = { usd: 1_000, estimatedUsd: 0, calls: 100 };

    assert.equal(compare('twilio', ours, { usd: 10.3, note: '' }).status, 'differs');
    assert.equal(compare('twilio', dear, { usd: 1_002, note: '' }).status, 'differs');
    assert.equal(compare('twilio', dear, { usd: 1_000.5, note: '' }).status, 'agrees');
  });

  test('are not compared where the vendor cannot be asked', () => {
    const found = compare('anthropic', ours, { skipped: 'ANTHROPIC_ADMIN_KEY is not set.' });

    assert.deepEqual(
      [found.status, found.theirsUsd, found.explanation],
      ['skipped', null, 'ANTHROPIC_ADMIN_KEY is not set.'],
    );
  });
});
