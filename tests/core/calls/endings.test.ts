import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lastWords } from '#core/calls/last-words.ts';
import { staleOutcome } from '#core/calls/stale-outcome.ts';
import { type CallStatus, callStatuses, type Outcome } from '#core/records/call-record.ts';

describe('The last words of a call', () => {
  for (const audience of ['adult', 'child'] as const)
    for (const what of ['cut-off', 'nobody-answered'] as const)
      test(`for a ${audience} who was ${what} name help, and ask nothing of somebody who is hung up`, () => {
        const words = lastWords(audience, what);

        assert.match(words, /nine one one/);
        assert.match(words, /nine eight eight/);
        assert.match(words, /sorry/i);
        assert.doesNotMatch(words, /\?|I'm still here/);
      });

  test('are other ones for a child than for an adult', () => {
    assert.notEqual(lastWords('adult', 'cut-off'), lastWords('child', 'cut-off'));
  });
});

describe('A call that nobody was there to end', () => {
  const expected: Record<CallStatus, Outcome> = {
    queued: 'not-answered',
    initiated: 'not-answered',
    ringing: 'not-answered',
    busy: 'not-answered',
    'no-answer': 'not-answered',
    canceled: 'not-answered',
    failed: 'failed',
    'in-progress': 'lost',
    completed: 'lost',
  };
  for (const status of callStatuses)
    test(`and that was ${status} last counts as ${expected[status]}`, () => {
      assert.equal(staleOutcome(status), expected[status]);
    });
});
