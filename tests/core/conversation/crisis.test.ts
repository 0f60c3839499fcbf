import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CrisisKind, detectCrisis } from '#core/conversation/crisis.ts';
import { nearMisses, trueCases } from '#tests/fixtures/crisis-corpus.ts';

/** Share of harmless sentences that may be taken for a crisis. */
const falseAlarmsMax = 0.05;

const kinds = Object.keys(trueCases) as CrisisKind[];

for (const kind of kinds)
  test(`every sentence of the corpus that speaks of ${kind} is caught as such`, () => {
    const heardAs = trueCases[kind].map((utterance) => [utterance, detectCrisis(utterance)?.kind]);

    assert.deepEqual(
      heardAs.filter(([, heard]) => heard !== kind),
      [],
    );
  });

test('figures of speech, denials, old stories and questions about rules raise no alarm', () => {
  const alarms = nearMisses.filter((utterance) => detectCrisis(utterance) !== undefined);

  assert.ok(alarms.length <= nearMisses.length * falseAlarmsMax, alarms.join('\n'));
});

test('the corpus is large enough to mean something, half of it near misses', () => {
  const caught = kinds.flatMap((kind) => trueCases[kind]);

  assert.ok(caught.length >= 200);
  assert.ok(nearMisses.length >= caught.length);
  assert.equal(new Set([...caught, ...nearMisses]).size, caught.length + nearMisses.length);
});

test('case, punctuation, fillers and repeated words change nothing', () => {
  for (const utterance of [
    'I want to kill myself.',
    'I… I want to, um, kill myself!',
    'i i just want to uh you know kill myself',
    'I WANT TO KILL MYSELF',
    'there is no point point in in living',
  ])
    assert.deepEqual(detectCrisis(utterance), { kind: 'self-harm' }, utterance);
  assert.deepEqual(detectCrisis('He’s got a knife to my throat'), { kind: 'danger' });
});

test('a denial counts for its own clause only', () => {
  assert.equal(detectCrisis("I'm not suicidal."), undefined);
  assert.deepEqual(detectCrisis("I'm not okay. I want to die."), { kind: 'self-harm' });
  assert.deepEqual(detectCrisis("i'm not okay i want to die"), { kind: 'self-harm' });
});

test('what is long over counts again when it goes on today', () => {
  assert.equal(detectCrisis('he hit me ten years ago'), undefined);
  assert.deepEqual(detectCrisis('he hit me ten years ago and he hit me again last night'), {
    kind: 'danger',
  });
});

test('a story is let pass, the teller is not', () => {
  assert.equal(detectCrisis('we read a book where they kill themselves'), undefined);
  assert.deepEqual(detectCrisis('we read a book where they kill themselves and i want to kill myself'), {
    kind: 'self-harm',
  });
});

test('silence and noise are no crisis', () => {
  for (const utterance of ['', '   ', '...', '(coughs)', 'um uh'])
    assert.equal(detectCrisis(utterance), undefined);
});
