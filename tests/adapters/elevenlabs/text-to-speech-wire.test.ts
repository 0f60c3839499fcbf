import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSpeechMessage } from '#adapters/elevenlabs/text-to-speech-wire.ts';

const read = (message: unknown) => readSpeechMessage(JSON.stringify(message));
const audio = Buffer.from([1, 2, 3]).toString('base64');

test('audio is read with its context and alignment, in the present spelling and in older ones', () => {
  const expected = {
    type: 'spoken',
    contextId: 'c1',
    audio: Uint8Array.of(1, 2, 3),
    alignment: { chars: ['a', 'b'], startMs: [0, 5], durationMs: [5, 6] },
    final: true,
  };
  const times = { chars: ['a', 'b'], charStartTimesMs: [0, 5] };

  const present = { audio, contextId: 'c1', isFinal: true, alignment: { ...times, charDurationsMs: [5, 6] } };
  const older = {
    audio,
    context_id: 'c1',
    is_final: true,
    alignment: { ...times, charsDurationsMs: [5, 6] },
  };

  assert.deepEqual(read(present), expected);
  assert.deepEqual(read({ ...older, something_new: {} }), expected);
});

test('the written characters are preferred to the normalised ones, and a broken alignment is none', () => {
  const alignmentOf = (char: string) => ({ chars: [char], charStartTimesMs: [0], charDurationsMs: [5] });
  const aligned = (message: object) => {
    const parsed = read({ audio, contextId: 'c1', ...message });
    return parsed.type === 'spoken' ? parsed.alignment?.chars : parsed.type;
  };

  assert.deepEqual(aligned({ alignment: alignmentOf('3'), normalizedAlignment: alignmentOf('t') }), ['3']);
  assert.deepEqual(aligned({ alignment: null, normalizedAlignment: alignmentOf('t') }), ['t']);
  assert.equal(aligned({ alignment: { chars: 'x' } }), undefined);
  assert.equal(aligned({ alignment: { chars: [], charStartTimesMs: [], charDurationsMs: [] } }), undefined);
});

test('a final message may have no audio', () => {
  assert.deepEqual(read({ isFinal: true, contextId: 'c1', audio: null }), {
    type: 'spoken',
    contextId: 'c1',
    audio: new Uint8Array(0),
    alignment: undefined,
    final: true,
  });
});

test('errors are told apart by their code', () => {
  const failureOf = (error: string) => {
    const message = read({ error, message: 'words', code: 1008 });
    return message.type === 'failed' ? message.failure : message.type;
  };

  assert.equal(failureOf('max_active_conversations'), 'overloaded');
  assert.equal(failureOf('input_timeout_exceeded'), 'unavailable');
  assert.equal(failureOf('quota_exceeded'), 'refused');
  assert.equal(failureOf('invalid_api_key'), 'refused');
  assert.equal(failureOf('voice_not_found'), 'invalid-request');
  assert.equal(failureOf('something went wrong'), 'unavailable');
});

test('what cannot be read is ignored', () => {
  for (const text of ['', 'no json', '[]', 'null', '{"audio":5,"contextId":"c1"}', '{"type":"flush_done"}'])
    assert.deepEqual(readSpeechMessage(text), { type: 'ignored' }, text);
});
