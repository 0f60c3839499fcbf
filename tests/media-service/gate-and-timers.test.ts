import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CancelledError } from '#core/errors.ts';
import { createGate } from '#media-service/gate.ts';
import { createTimers } from '#media-service/timers.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';

describe('a gate', () => {
  test('lets everybody through who waits when it opens, and who comes later', async () => {
    const gate = createGate(false);
    const { signal } = new AbortController();
    const waiting = [gate.passed(signal), gate.passed(signal)];
    gate.open();

    await Promise.all([...waiting, gate.passed(signal)]);
  });

  test('turns away a draft that is cancelled, before or while it waits', async () => {
    const gate = createGate(false);
    const abort = new AbortController();
    const waiting = gate.passed(abort.signal);
    abort.abort();

    await assert.rejects(waiting, CancelledError);
    await assert.rejects(gate.passed(abort.signal), CancelledError);
  });
});

describe('named timers', () => {
  test('fire once, and one set again starts anew', async () => {
    const clock = createVirtualClock();
    const fired: string[] = [];
    const timers = createTimers<'held' | 'silence'>(
      clock,
      (name) => void fired.push(`${name}@${clock.nowMs()}`),
    );
    timers.set('held', 100);
    timers.set('silence', 150);
    await clock.advance(50);
    timers.set('held', 300);
    await clock.advance(1_000);

    assert.deepEqual(fired, ['silence@150', 'held@350']);
  });

  test('do not fire once cleared', async () => {
    const clock = createVirtualClock();
    const fired: string[] = [];
    const timers = createTimers<'held' | 'silence' | 'commit'>(clock, (name) => void fired.push(name));
    for (const name of ['held', 'silence', 'commit'] as const) timers.set(name, 100);
    timers.clear('held');
    await clock.advance(50);
    timers.clearAll();
    await clock.advance(1_000);

    assert.deepEqual(fired, []);
  });
});
