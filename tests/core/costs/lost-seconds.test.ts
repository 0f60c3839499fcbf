import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLedger } from '#core/costs/ledger.ts';
import { lostSeconds } from '#core/costs/lost-seconds.ts';
import { defaultPrices as prices } from '#core/costs/prices.ts';
import { summarise } from '#core/costs/summarise.ts';
import { newCallSid } from '#tests/support/calls.ts';

const at = (secs: number) => new Date(Date.parse('2026-11-21T12:00:00Z') + secs * 1_000);

function eventsAfter(secs: number) {
  const ledger = createLedger({ callSid: newCallSid(), prices });
  ledger.meter('call', { kind: 'recognition', seconds: secs }, at(secs));
  ledger.meter('call', { kind: 'media-stream', seconds: secs }, at(secs));
  ledger.meter('call', { kind: 'compute', seconds: secs, share: 0.01 }, at(secs));
  return ledger.pending();
}

const afterAll = (events: ReturnType<typeof eventsAfter>, endedAt: Date) =>
  summarise([...events, ...lostSeconds(events, endedAt.toISOString())]);

test('what is bought by time goes on to the end of the stream of a call whose process died', () => {
  const longer = afterAll(eventsAfter(58), at(61.5));

  const whole = summarise(eventsAfter(61.5));
  assert.deepEqual(longer, whole);
});

test('a stream that ended before the last count, or long after it, tells nothing of a death', () => {
  const events = eventsAfter(30);

  assert.deepEqual(lostSeconds(events, at(29).toISOString()), []);
  assert.deepEqual(lostSeconds(events, at(90).toISOString()), []);
});

test('a call of which nothing was counted is left as it is', () => {
  assert.deepEqual(lostSeconds([], at(3).toISOString()), []);
});
