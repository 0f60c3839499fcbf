import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findAnomalies, findAnomaly } from '#core/costs/anomaly.ts';
import { addDays, daysFrom, weekdayOf } from '#core/costs/days.ts';
import { createNormal } from '#tests/support/normal.ts';

const costing = (from: string, to: string, usdOf: (day: string) => number) =>
  new Map(daysFrom(from, to).map((day) => [day, usdOf(day)]));

/** Ten dollars on working days, two at weekends. */
const weekly = (day: string) => ([0, 6].includes(weekdayOf(day)) ? 2 : 10);

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

  test('is a day on which a service cost nothing that always costs something', () => {
    const found = findAnomaly('twilio', new Map([...history, ['2026-11-20', 0]]), '2026-11-20');

    assert.ok((found?.score ?? 0) < -3.5);
  });

  test('is the first day of a service that never cost anything', () => {
    const nothing = costing('2026-09-01', '2026-11-19', () => 0);

    assert.ok(findAnomaly('tools', new Map([...nothing, ['2026-11-20', 3]]), '2026-11-20'));
  });

  test('is not found without weeks to compare with', () => {
    const young = costing('2026-11-10', '2026-11-20', () => 1);
    assert.equal(findAnomaly('twilio', new Map([...young, ['2026-11-20', 90]]), '2026-11-20'), undefined);
  });

  test('does not make the days after it unusual', () => {
    const after = costing('2026-09-01', '2026-11-30', (day) => (day === '2026-11-11' ? 60 : weekly(day)));

    const found = findAnomalies('anthropic', after, daysFrom('2026-11-01', '2026-11-30'));

    assert.deepEqual(
      found.map(({ day }) => day),
      ['2026-11-11'],
    );
  });
});

describe('usual years', () => {
  const years = 4;
  const yearly = (noise: number, growth: number) => {
    let alarms = 0;
    for (let seed = 1; seed <= years; seed += 1) {
      const random = createNormal(seed * 31);
      const from = '2025-10-01';
      const daily = costing(from, '2026-12-31', (day) => {
        const months = (Date.parse(day) - Date.parse(from)) / 86_400_000 / 30;
        return weekly(day) * 10 * Math.exp(growth * months + noise * random());
      });
      alarms += findAnomalies('twilio', daily, daysFrom('2026-01-01', '2026-12-31')).length;
    }
    return alarms / years;
  };

  for (const growth of [0, 0.15])
    test(`of a service that grows by ${growth * 100} % a month give few false alarms`, () => {
      const [steady, restless] = [yearly(0.1, growth), yearly(0.2, growth)];

      assert.ok(steady <= 2, String(steady));
      assert.ok(restless <= 5, String(restless));
    });

  test('have days in them that cost twice as much, and most of those are found', () => {
    const found = Array.from({ length: 40 }, (_, i) => {
      const random = createNormal(i * 7 + 1);
      const day = addDays('2026-11-02', i % 28);
      const daily = costing('2026-08-01', '2026-11-30', (one) => weekly(one) * 10 * Math.exp(0.1 * random()));
      daily.set(day, (daily.get(day) ?? 0) * 2);
      return findAnomaly('twilio', daily, day);
    }).filter(Boolean);

    assert.ok(found.length >= 36, String(found.length));
  });
});
