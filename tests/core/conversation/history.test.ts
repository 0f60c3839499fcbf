import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type HistoryEntry, splitHeard, toModelMessages, trimMessages } from '#core/conversation/history.ts';
import type { ModelMessage } from '#core/ports/language-model.ts';

const caller = (text: string): HistoryEntry => ({ type: 'caller', text });
const assistant = (heard: string, interrupted = false): HistoryEntry => ({
  type: 'assistant',
  rounds: [],
  heard,
  interrupted,
});
const call = { type: 'tool-call', call: { id: 'toolu_1', name: 'lookup', input: {} } } as const;
const opaque = { type: 'opaque', data: { signature: 'x' } } as const;
const result = { callId: 'toolu_1', content: 'Monday', failed: false };

describe('what the model is told was said', () => {
  test('holds the words that were heard, in order', () => {
    const messages = toModelMessages([caller('Hello.'), assistant(' Hi there. '), caller('Bye.')]);

    assert.deepEqual(messages, [
      { role: 'caller', text: 'Hello.' },
      { role: 'assistant', blocks: [{ type: 'text', text: 'Hi there.' }] },
      { role: 'caller', text: 'Bye.' },
    ]);
  });

  test('says where the caller spoke into the assistant’s words', () => {
    const [, interrupted] = toModelMessages([caller('Hello.'), assistant('Your hearing is', true)]);

    assert.deepEqual(interrupted, {
      role: 'assistant',
      blocks: [{ type: 'text', text: 'Your hearing is … [The caller interrupted here.]' }],
    });
  });

  test('merges the caller’s words around an answer that nobody heard', () => {
    const messages = toModelMessages([caller('My hearing'), assistant('', true), caller('is on Monday.')]);

    assert.deepEqual(messages, [{ role: 'caller', text: 'My hearing is on Monday.' }]);
  });

  test('keeps every tool call with its result, and what must go back unchanged, though no word was heard', () => {
    const messages = toModelMessages([
      caller('When?'),
      {
        type: 'assistant',
        rounds: [{ heard: 'Let me look.', calls: [opaque, call], results: [result] }],
        heard: '',
        interrupted: true,
      },
      caller('Never mind.'),
    ]);

    assert.deepEqual(messages, [
      { role: 'caller', text: 'When?' },
      { role: 'assistant', blocks: [{ type: 'text', text: 'Let me look.' }, opaque, call] },
      { role: 'tool-results', results: [result] },
      { role: 'caller', text: 'Never mind.' },
    ]);
  });
});

describe('a history that has grown long', () => {
  const exchange = (n: number): ModelMessage[] => [
    { role: 'caller', text: `question ${n}` },
    { role: 'assistant', blocks: [call] },
    { role: 'tool-results', results: [result] },
    { role: 'assistant', blocks: [{ type: 'text', text: `answer ${n}` }] },
  ];
  const messages = [1, 2, 3].flatMap(exchange);

  test('is left as it is within the bound', () => {
    assert.deepEqual(trimMessages(messages, messages.length), messages);
  });

  for (let messagesMax = 4; messagesMax < messages.length; messagesMax += 1)
    test(`begins with the caller’s words and tears no tool pair when ${messagesMax} messages are kept`, () => {
      const kept = trimMessages(messages, messagesMax);

      assert.ok(kept.length <= messagesMax);
      assert.equal(kept[0]?.role, 'caller');
      assert.deepEqual(kept, messages.slice(-kept.length));
    });

  test('is kept whole when the newest part holds no word of the caller', () => {
    assert.deepEqual(trimMessages(messages, 2), messages);
  });
});

describe('words heard of a turn with tools', () => {
  test('are shared out over its rounds by what each round said', () => {
    assert.deepEqual(splitHeard('Let me look. It is Mon', ['Let me look. ', 'It is Monday.']), [
      'Let me look.',
      'It is Mon',
    ]);
  });

  test('leave nothing for rounds after the cut', () => {
    assert.deepEqual(splitHeard('Let me', ['Let me look. ', 'It is Monday.']), ['Let me', '']);
  });
});
