import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReplyText } from '#adapters/elevenlabs/reply-text.ts';

const alignment = (text: string) => ({
  chars: [...text],
  startMs: [...text].map((_, index) => index * 10),
  durationMs: [...text].map(() => 10),
});

const told = (text: { chars: readonly string[] }) => text.chars.join('');

function sentText(...pieces: string[]) {
  const text = createReplyText();
  for (const piece of pieces) text.add(piece);
  text.markSent();
  return text;
}

test('each piece ends with a space, and blank ones are left out', () => {
  const text = createReplyText();
  for (const piece of ['Hello.', '', '  ', 'How are you? ', 'Fine,\n']) text.add(piece);

  assert.equal(text.unsent(), 'Hello. How are you? Fine,\n ');
});

test('the space that opens a context is not told', () => {
  const text = sentText('Hello there.');

  assert.equal(told(text.spoken(alignment(' Hello there. '))), 'Hello there. ');
  assert.equal(text.allSpoken(), true);
});

for (const [spoken, resumed] of [
  ['I can he', 'help you, Ann. Wait. '],
  ['I can', 'help you, Ann. Wait. '],
  ['I can ', 'help you, Ann. Wait. '],
  ['I can help you', 'Ann. Wait. '],
  ['I can help you, Ann', 'Wait. '],
  ['I', 'can help you, Ann. Wait. '],
] as const) {
  test(`what was cut after "${spoken}" goes on with "${resumed.trim()}", and is told once`, () => {
    const text = sentText('I can help you, Ann.', 'Wait.');
    const before = told(text.spoken(alignment(spoken)));

    text.rewind();
    const unsent = text.unsent();
    text.markSent();
    const after = told(text.spoken(alignment(` ${unsent}`)));

    assert.equal(unsent, resumed);
    assert.equal(before + after, 'I can help you, Ann. Wait. ');
    assert.equal(text.allSpoken(), true);
    assert.equal(text.onTrack(), true);
  });
}

test('characters told again keep the times of their new audio', () => {
  const text = sentText('I can help.');
  text.spoken(alignment('I can he'));

  text.rewind();

  assert.deepEqual(text.spoken(alignment('help. ')), {
    chars: ['l', 'p', '.', ' '],
    startMs: [20, 30, 40, 50],
    durationMs: [10, 10, 10, 10],
  });
});

test('a second cut in the word that is repeated begins with that word again', () => {
  const text = sentText('I understand you.');
  text.spoken(alignment('I underst'));
  text.rewind();
  text.markSent();
  const again = told(text.spoken(alignment('und')));

  text.rewind();

  assert.equal(again, '');
  assert.equal(text.unsent(), 'understand you. ');
});

test('nothing is left when only signs are missing', () => {
  const text = sentText('That is all.');
  text.spoken(alignment('That is all'));

  assert.equal(text.allSpoken(), true);
});

test('characters that are not in the text end the tracking', () => {
  const text = sentText('It is 3:30.');

  const aligned = told(text.spoken(alignment('It is three thirty.')));

  assert.equal(text.onTrack(), false);
  assert.equal(text.allSpoken(), false);
  assert.equal(aligned, 'It is three thirty.');
});
