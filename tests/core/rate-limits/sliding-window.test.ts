import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLocalLimiter } from '#core/rate-limits/local-limiter.ts';
import type { RateRule } from '#core/rate-limits/sliding-window.ts';

const perMinute: RateRule = { name: 'test', windows: [{ seconds: 60, max: 30 }] };

/** The most that any stretch of a window's length holds. */
const mostWithin = (times: readonly number[], windowMs: number) =>
  Math.max(0, ...times.map((start) => times.filter((at) => at >= start && at < start + windowMs).length));

describe('A sliding window', () => {
  test('never holds more than its limit in any stretch of its length, however requests come', () => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      let nowMs = 1_700_000_000_000;
      let random = seed;
      const limiter = createLocalLimiter(() => nowMs);
      const admitted: number[] = [];
      for (let i = 0; i < 2_000; i += 1) {
        random = (random * 48_271) % 2_147_483_647;
        nowMs += random % (seed * 100);
        if (limiter.take(perMinute, 'one').allowed) admitted.push(nowMs);
      }

      assert.ok(admitted.length > 30, 'room comes back');
      assert.ok(mostWithin(admitted, 60_000) <= 30, `seed ${seed}: ${mostWithin(admitted, 60_000)}`);
    }
  });

  test('lets no double portion through around the edge of a minute', () => {
    let nowMs = 1_700_000_040_000 - 10;
    const limiter = createLocalLimiter(() => nowMs);
    const before = Array.from({ length: 500 }, () => limiter.take(perMinute, 'one').allowed);
    nowMs += 20;
    const after = Array.from({ length: 500 }, () => limiter.take(perMinute, 'one').allowed);

    assert.equal(before.filter(Boolean).length, 30);
    assert.equal(after.filter(Boolean).length, 0);
  });

  test('has room again at the time it told', () => {
    let nowMs = 1_700_000_000_123;
    const limiter = createLocalLimiter(() => nowMs);
    for (let i = 0; i < 30; i += 1) limiter.take(perMinute, 'one');
    const refused = limiter.take(perMinute, 'one');
    nowMs = refused.retryAtMs - 1;
    const early = limiter.take(perMinute, 'one');
    nowMs = refused.retryAtMs;

    assert.equal(refused.allowed, false);
    assert.ok(refused.retryAtMs - 1_700_000_000_123 <= 62_000);
    assert.equal(early.allowed, false);
    assert.equal(limiter.take(perMinute, 'one').allowed, true);
  });

  test('does not count what it refused', () => {
    let nowMs = 1_700_000_000_000;
    const limiter = createLocalLimiter(() => nowMs);
    for (let i = 0; i < 1_000; i += 1) limiter.take(perMinute, 'one');
    nowMs += 62_000;

    assert.equal(limiter.take(perMinute, 'one').remaining, 29);
  });

  test('counts each subject by itself', () => {
    const limiter = createLocalLimiter(() => 1_700_000_000_000);
    for (let i = 0; i < 31; i += 1) limiter.take(perMinute, 'one');

    assert.equal(limiter.take(perMinute, 'another').allowed, true);
  });

  test('tells of the window that is nearest to its bound', () => {
    const rule: RateRule = {
      name: 'two',
      windows: [
        { seconds: 60, max: 3 },
        { seconds: 3_600, max: 4 },
      ],
    };
    let nowMs = 1_700_000_000_000;
    const limiter = createLocalLimiter(() => nowMs);
    const first = limiter.take(rule, 'one');
    limiter.take(rule, 'one');
    limiter.take(rule, 'one');
    nowMs += 63_000;
    const fourth = limiter.take(rule, 'one');
    const fifth = limiter.take(rule, 'one');

    assert.deepEqual([first.windowSeconds, first.remaining], [60, 2]);
    assert.deepEqual([fourth.windowSeconds, fourth.remaining], [3_600, 0]);
    assert.equal(fifth.allowed, false);
    assert.ok(fifth.retryAtMs - nowMs > 3_000_000);
  });
});
