import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { classifyInterruption, sameWords, wordsBeyond, wordsOf } from '#core/conversation/interruption.ts';

const rows = {
  nothing: ['', '   ', '…', '(coughs)', '[laughter]', '(sighs) (coughs)'],
  backchannel: [
    'mhm',
    'Mm-hmm.',
    'mmmhm',
    'uh-huh',
    'Yeah, okay.',
    'okay okay okay',
    'I see',
    '(coughs) yes',
  ],
  words: [
    'stop',
    'Stop!',
    'okay wait',
    'no',
    'yeah but',
    'hold on',
    'sorry',
    'excuse me',
    'actually',
    'yeah yeah yeah yeah',
    'my son',
    'okay my son',
    'I see him',
    'help',
  ],
} as const;

describe('what a caller says while the assistant speaks', () => {
  for (const [kind, texts] of Object.entries(rows))
    for (const text of texts)
      test(`“${text}” counts as ${kind}`, () => {
        assert.equal(classifyInterruption(text), kind);
      });
});

describe('words of a transcript', () => {
  test('leave out case, punctuation and the sounds a recogniser describes', () => {
    assert.deepEqual(wordsOf("(coughs) I'm HERE, don't -- go!"), ["i'm", 'here', "don't", 'go']);
  });

  test('keep letters of other languages', () => {
    assert.deepEqual(wordsOf('¿Dónde está mi niño?'), ['dónde', 'está', 'mi', 'niño']);
  });

  test('are the same when only case and punctuation differ', () => {
    assert.equal(sameWords('I am here', 'i am here.'), true);
    assert.equal(sameWords('I am here', 'I am here now'), false);
  });
});

describe('what a transcript says beyond words known already', () => {
  test('is what follows them', () => {
    assert.equal(wordsBeyond('I need help', 'I need help. With the form.'), 'With the form.');
  });

  test('is nothing when it reads the same words in another way', () => {
    assert.equal(wordsBeyond('I need help with this form', 'I need help with the form.'), '');
    assert.equal(wordsBeyond('hello', 'Hello.'), '');
  });

  test('is everything when it speaks of something else, or nothing was known', () => {
    assert.equal(wordsBeyond('I need help', 'When is the hearing?'), 'When is the hearing?');
    assert.equal(wordsBeyond('', ' Hello. '), 'Hello.');
  });
});
