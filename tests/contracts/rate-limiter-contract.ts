import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { RateLimiter } from '#core/ports/rate-limiter.ts';
import type { RateRule } from '#core/rate-limits/sliding-window.ts';

export interface RateLimiterSubject {
  /** Two processes with one memory, whose time is `setNow`'s. */
  readonly here: RateLimiter;
  readonly elsewhere: RateLimiter;
  setNow(now: Date): void;
  close(): Promise<void>;
}

const rule: RateRule = {
  name: 'contract',
  windows: [
    { seconds: 60, max: 30 },
    { seconds: 3_600, max: 500 },
  ],
};
const startMs = Date.parse('2026-11-21T11:59:59.900Z');

export function describeRateLimiterContract(
  name: string,
  makeSubject: () => Promise<RateLimiterSubject>,
): void {
  describe(`${name} keeps the contract of limits`, () => {
    let subject: RateLimiterSubject;
    beforeEach(async () => {
      subject = await makeSubject();
      subject.setNow(new Date(startMs));
    });
    afterEach(() => subject.close());

    test('of 200 requests around the edge of a window no more than the limit get through', async () => {
      const { here, elsewhere, setNow } = subject;
      const send = (count: number) =>
        Promise.all(Array.from({ length: count }, (_, i) => (i % 2 ? here : elsewhere).take(rule, 'one')));

      const before = await send(100);
      setNow(new Date(startMs + 200));
      const after = await send(100);

      assert.equal([...before, ...after].filter(({ allowed }) => allowed).length, 30);
    });

    test('counts down, and tells when to come back', async () => {
      const { here } = subject;
      const first = await here.take(rule, 'one');
      for (let i = 1; i < 30; i += 1) await here.take(rule, 'one');
      const refused = await here.take(rule, 'one');
      const again = await here.take(rule, 'one');

      assert.deepEqual([first.limit, first.remaining, first.windowSeconds], [30, 29, 60]);
      assert.deepEqual([refused.allowed, refused.remaining], [false, 0]);
      assert.equal(again.allowed, false);
      for (const { retryAtMs } of [refused, again])
        assert.ok(retryAtMs > startMs + 58_000 && retryAtMs <= startMs + 62_000, String(retryAtMs));
    });

    test('has the whole room again after a minute, whatever was refused meanwhile', async () => {
      const { here, setNow } = subject;
      await Promise.all(Array.from({ length: 100 }, () => here.take(rule, 'one')));
      setNow(new Date(startMs + 62_000));

      const answers = [];
      for (let i = 0; i < 31; i += 1) answers.push((await here.take(rule, 'one')).allowed);

      assert.equal(answers.filter(Boolean).length, 30);
    });

    test('holds the hour as well as the minute', async () => {
      const { here, setNow } = subject;
      let admitted = 0;
      for (let minute = 0; minute < 20; minute += 1) {
        setNow(new Date(startMs + minute * 62_000));
        for (let i = 0; i < 30; i += 1) if ((await here.take(rule, 'one')).allowed) admitted += 1;
      }

      assert.equal(admitted, 500);
    });

    test('counts each subject and each rule by itself', async () => {
      const { here } = subject;
      for (let i = 0; i < 31; i += 1) await here.take(rule, 'one');

      assert.equal((await here.take(rule, 'another')).allowed, true);
      assert.equal((await here.take({ ...rule, name: 'other' }, 'one')).allowed, true);
    });
  });
}
