import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addDays, daysFrom, weekdayOf } from '#core/costs/days.ts';
import { findAnomaly, forecastMonth } from '#core/costs/forecast.ts';
import { compare } from '#core/costs/reconcile.ts';

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

describe('an unusual day', () => {
  const history = costing('2026-09-01', '2026-11-19', weekly);

  test('is one that is unlike its weekday', () => {
    const found = findAnomaly('anthropic', new Map([...history, ['2026-11-20', 25]]), '2026-11-20');

    assert.deepEqual([found?.usd, found?.usualUsd], [25, 10]);
    assert.ok((found?.score ?? 0) > 3.5);
    assert.match(found?.method ?? '', /same weekday of 8 weeks/);
  });

  test('is not a usual Friday after a cheap Thursday, nor a Saturday that costs like a Saturday', () => {
    for (const [day, usd] of [
      ['2026-11-20', 10.5],
      ['2026-11-21', 2],
    ] as const)
      assert.equal(findAnomaly('anthropic', new Map([...history, [day, usd]]), day), undefined);
  });

  test('is a Saturday that costs like a working day', () => {
    assert.ok(findAnomaly('anthropic', new Map([...history, ['2026-11-21', 10]]), '2026-11-21'));
  });

  test('is not found without weeks to compare with', () => {
    const young = costing('2026-11-10', '2026-11-20', () => 1);
    assert.equal(findAnomaly('twilio', new Map([...young, ['2026-11-20', 90]]), '2026-11-20'), undefined);
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
