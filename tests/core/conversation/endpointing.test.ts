import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { endpointDelayMs, learnPause, utteranceShape } from '#core/conversation/endpointing.ts';
import { defaultConversationSettings as settings } from '#core/conversation/settings.ts';

const shapes = [
  ['My hearing is next week.', 'sentence'],
  ['Can you help me?', 'sentence'],
  ['She said "yes."', 'sentence'],
  ['I went to the office and', 'mid-clause'],
  ['my son is um', 'mid-clause'],
  ['I was there, ', 'mid-clause'],
  ['well...', 'mid-clause'],
  ['wait…', 'mid-clause'],
  ['my number is 415', 'mid-clause'],
  ['it is four one five', 'mid-clause'],
  ['it is four one five.', 'mid-clause'],
  ['I have five.', 'sentence'],
  ['my hearing is next week', 'open'],
  ['', 'open'],
  ['(coughs)', 'open'],
] as const;

describe('the shape of what a caller has said so far', () => {
  for (const [text, shape] of shapes)
    test(`“${text}” is ${shape}`, () => {
      assert.equal(utteranceShape(text), shape);
    });
});

describe('the silence before the turn is ours', () => {
  test('is shortest after a sentence, longer when nothing tells, longest in mid-clause', () => {
    const delays = ['I am here.', 'I am here', 'I am here and'].map((text) =>
      endpointDelayMs(text, undefined, settings),
    );

    assert.deepEqual(delays, [
      settings.endpointAfterSentenceMs,
      settings.endpointMs,
      settings.endpointMidClauseMs,
    ]);
  });

  test('grows for a caller who pauses long inside sentences, but never beyond the longest', () => {
    assert.equal(endpointDelayMs('I am here', 1_000, settings), 1_200);
    assert.equal(endpointDelayMs('I am here', 60_000, settings), settings.endpointMaxMs);
  });

  test('does not shrink for a caller who hardly pauses', () => {
    assert.equal(endpointDelayMs('I am here', 50, settings), settings.endpointMs);
  });

  test('is not moved by habit once a sentence is over', () => {
    assert.equal(endpointDelayMs('I am here.', 2_000, settings), settings.endpointAfterSentenceMs);
  });
});

describe('what is learned of a caller’s pauses', () => {
  test('the first pause is taken whole, the next ones move it by a part', () => {
    const first = learnPause(undefined, 1_000, settings);

    assert.equal(first, 1_000);
    assert.equal(learnPause(first, 2_000, settings), 1_300);
  });

  test('one very long pause counts only as the longest wait', () => {
    assert.equal(learnPause(undefined, 600_000, settings), settings.endpointMaxMs);
  });
});
