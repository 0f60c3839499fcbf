/** What is kept of both sides. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { turnId } from '#core/ids.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import { newAssistantTurn } from '#media-service/assistant-turn.ts';
import { createTrack } from '#media-service/playback-track.ts';
import { createTurnJournal } from '#media-service/turn-journal.ts';
import { newCallSid } from '#tests/support/calls.ts';
import { createInMemoryCallStore } from '#tests/support/in-memory-call-store.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';

function setUp(broken: Partial<CallStore> = {}) {
  const clock = createVirtualClock();
  const memory = createInMemoryCallStore({ now: () => clock.now() });
  const callSid = newCallSid();
  const failures: unknown[] = [];
  const journal = createTurnJournal({
    callSid,
    store: { ...memory, ...broken },
    clock,
    onFailure: (error) => void failures.push(error),
  });
  const stored = async () => {
    await journal.settled();
    return (await memory.turns(callSid)).map(({ n, speaker, text }) => [n, speaker, text]);
  };
  return { journal, stored, failures };
}

const newTurn = () =>
  newAssistantTurn(
    turnId(1),
    'reply',
    createTrack(turnId(1), () => undefined),
    new AbortController(),
  );

describe('the journal of a call', () => {
  test('keeps an utterance that grew as one turn while nothing was heard in between', async () => {
    const { journal, stored } = setUp();
    journal.noteCaller('My hearing');
    assert.equal(journal.noteAssistant(newTurn(), { all: '', answer: '' }, true), undefined);
    journal.noteCaller('My hearing is on Monday.');

    assert.deepEqual(await stored(), [[0, 'caller', 'My hearing is on Monday.']]);
    assert.deepEqual(journal.history(), [{ type: 'caller', text: 'My hearing is on Monday.' }]);
  });

  test('keeps only the words that were heard, a hold phrase in the record but not for the model', async () => {
    const { journal, stored } = setUp();
    journal.noteCaller('When?');
    journal.noteAssistant(newTurn(), { all: 'One moment. It is', answer: 'It is' }, true);

    assert.deepEqual(await stored(), [
      [0, 'caller', 'When?'],
      [1, 'assistant', 'One moment. It is'],
    ]);
    assert.deepEqual(journal.history().at(-1), {
      type: 'assistant',
      rounds: [],
      heard: 'It is',
      interrupted: true,
    });
  });

  test('goes on when a turn cannot be stored', async () => {
    const { journal, failures } = setUp({ putTurn: () => Promise.reject(new Error('away')) });
    journal.noteCaller('Hello.');
    await journal.settled();

    assert.equal(failures.length, 1);
    assert.equal(journal.turnCount(), 1);
  });
});
