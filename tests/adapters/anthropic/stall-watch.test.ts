import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { createStallWatch, type StallWatch } from '#adapters/anthropic/stall-watch.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

describe('createStallWatch', () => {
  let clock: ManualClock;
  let watch: StallWatch;
  let givenUp: number;

  beforeEach(() => {
    clock = createManualClock();
    givenUp = 0;
    watch = createStallWatch(clock, { firstEventTimeoutMs: 3_000, eventGapTimeoutMs: 2_000 }, () => {
      givenUp += 1;
    });
  });

  it('gives up a reply that does not begin in time, whatever pings come', () => {
    watch.requested();

    clock.advance(2_000);
    watch.ping();
    clock.advance(1_000);

    assert.equal(watch.error?.code, 'first-event');
    assert.equal(givenUp, 1);
  });

  it('gives up once, and then leaves no timer behind', () => {
    watch.requested();
    watch.waiting();

    clock.advance(60_000);

    assert.equal(givenUp, 1);
    assert.equal(clock.timersSet(), 0);
  });

  it('lets pings put off the end of a gap four times over, not longer', () => {
    watch.requested();
    watch.waiting();

    for (let elapsedMs = 1_000; elapsedMs < 8_000; elapsedMs += 1_000) {
      clock.advance(1_000);
      watch.ping();
      assert.equal(watch.error, undefined);
    }
    clock.advance(1_000);

    assert.equal(watch.error?.code, 'event-gap');
  });

  it('starts anew with each event', () => {
    watch.requested();

    for (let event = 0; event < 20; event += 1) {
      watch.waiting();
      clock.advance(1_900);
    }

    assert.equal(watch.error, undefined);
  });

  it('does not run while nothing is waited for', () => {
    watch.requested();
    watch.waiting();
    watch.rest();

    clock.advance(60_000);

    assert.equal(watch.error, undefined);
    assert.equal(clock.timersSet(), 0);
  });
});
