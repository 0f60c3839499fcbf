import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Begun, Idempotency } from '#core/ports/idempotency.ts';

export interface IdempotencySubject {
  /** Two processes with one memory. */
  readonly here: Idempotency;
  readonly elsewhere: Idempotency;
  setNow(now: Date): void;
  close(): Promise<void>;
}

const startMs = Date.parse('2026-11-21T12:00:00Z');
const answer = { status: 201, body: '{"callSid":"CA1"}' };

function workOf(begun: Begun): { readonly ref: string; readonly owner: string } {
  if (begun.is !== 'first' && begun.is !== 'again') throw new Error(`Nobody may work: ${begun.is}`);
  return begun;
}

export function describeIdempotencyContract(
  name: string,
  makeSubject: () => Promise<IdempotencySubject>,
): void {
  describe(`${name} keeps the contract of idempotency`, () => {
    let subject: IdempotencySubject;
    beforeEach(async () => {
      subject = await makeSubject();
      subject.setNow(new Date(startMs));
    });
    afterEach(() => subject.close());

    test('of many who begin at once exactly one does the work', async () => {
      const { here, elsewhere } = subject;

      const begun = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 ? here : elsewhere).begin('key', 'body')),
      );

      assert.deepEqual(
        begun
          .map(({ is }) => is)
          .toSorted()
          .slice(0, 2),
        ['first', 'running'],
      );
      assert.equal(begun.filter(({ is }) => is === 'running').length, 19);
    });

    test('the answer is given again, to the same request only, and for a day', async () => {
      const { here, elsewhere, setNow } = subject;
      const { owner } = workOf(await here.begin('key', 'body'));
      await here.complete('key', owner, answer);

      setNow(new Date(startMs + 24 * 3_600_000 - 1_000));
      assert.deepEqual(await elsewhere.begin('key', 'body'), { is: 'done', answer });
      assert.deepEqual(await elsewhere.begin('key', 'another body'), { is: 'other-request' });
      setNow(new Date(startMs + 24 * 3_600_000));
      assert.equal((await elsewhere.begin('key', 'another body')).is, 'first');
    });

    test('work that did nothing leaves no trace', async () => {
      const { here, elsewhere } = subject;
      const { owner } = workOf(await here.begin('key', 'body'));

      await here.release('key', owner, 'nothing-done');

      assert.equal((await elsewhere.begin('key', 'another body')).is, 'first');
    });

    test('unclear work goes to one other, who is told that and since when', async () => {
      const { here, elsewhere, setNow } = subject;
      const { ref, owner } = workOf(await here.begin('key', 'body'));
      await here.release('key', owner, 'unclear');
      setNow(new Date(startMs + 5_000));

      const begun = await Promise.all([elsewhere.begin('key', 'body'), elsewhere.begin('key', 'body')]);

      assert.deepEqual(begun.map(({ is }) => is).toSorted(), ['again', 'running']);
      const again = begun.find(({ is }) => is === 'again');
      assert.deepEqual(again?.is === 'again' && [again.ref, again.since], [ref, new Date(startMs)]);
    });

    test('work whose process died is taken over after a minute, and the dead one changes nothing any more', async () => {
      const { here, elsewhere, setNow } = subject;
      const dead = workOf(await here.begin('key', 'body'));
      setNow(new Date(startMs + 59_000));
      assert.equal((await elsewhere.begin('key', 'body')).is, 'running');
      setNow(new Date(startMs + 60_000));
      assert.equal((await elsewhere.begin('key', 'body')).is, 'again');

      await here.complete('key', dead.owner, answer);
      await here.release('key', dead.owner, 'nothing-done');

      assert.equal((await here.begin('key', 'body')).is, 'running');
    });
  });
}
