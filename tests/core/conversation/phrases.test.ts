import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allPhrases, phrase, phraseKinds, pickVariant } from '#core/conversation/phrases.ts';
import { createSentenceSplitter } from '#core/conversation/sentences.ts';
import { toSpokenText } from '#core/conversation/spoken-text.ts';
import { personaFor, personas } from '#core/personas/index.ts';

const adult = personaFor('parent');
const child = personaFor('kid_teen');
const textsOf = (kind: string, persona = adult) =>
  allPhrases(persona)
    .filter((entry) => entry.kind === kind)
    .map(({ text }) => text);

test('every fixed sentence is there for grown-ups and children, and can be spoken as it is', () => {
  for (const persona of [adult, child])
    for (const kind of phraseKinds) {
      const text = phrase(persona.audience, kind);

      assert.ok(text.length > 5, kind);
      assert.equal(toSpokenText(text), text, kind);
    }
});

test('a caller in a crisis hears 911 and 988, whichever variant is said, and is asked about safety', () => {
  for (const persona of [adult, child])
    for (const text of textsOf('crisis', persona)) {
      assert.match(text, /nine one one/);
      assert.match(text, /nine eight eight/);
      assert.match(text, /\?$/);
    }
});

test('a child in a crisis hears that it is not their fault and is pointed to a grown-up', () => {
  for (const text of textsOf('crisis', child)) {
    assert.match(text, /not your fault/);
    assert.match(text, /grown-up you trust/);
  }
});

test('whoever cannot be served is told about 911 before the call ends', () => {
  for (const persona of [adult, child])
    for (const kind of [
      'at-capacity',
      'refused',
      'cannot-hear',
      'cannot-hear-press-0',
      'speech-failed',
      'over-budget-goodbye',
    ] as const)
      assert.match(phrase(persona.audience, kind), /nine one one/, `${persona.audience} ${kind}`);
});

test('numbers are written as they are spoken', () => {
  for (const persona of Object.values(personas))
    for (const { text } of allPhrases(persona)) assert.doesNotMatch(text, /\d/, text);
});

test('a waiting caller does not hear the same hold twice in a row', () => {
  assert.ok(textsOf('hold').length >= 4);
  const said: number[] = [];

  for (let n = 0; n < 12; n += 1) said.push(pickVariant('hold', said));

  for (const [index, variant] of said.slice(1).entries()) assert.notEqual(variant, said[index]);
  assert.deepEqual(new Set(said.slice(0, 4)).size, 4);
});

test('a sentence with a single variant is said again rather than not at all', () => {
  assert.equal(pickVariant('silence-goodbye', [0]), 0);
});

test('a hold names what is being done when the tool tells, then goes on with the general ones', () => {
  assert.equal(phrase('adult', 'hold', { toolName: 'get_calendar' }), 'Let me look at the schedule.');
  assert.equal(phrase('adult', 'hold', { toolName: 'SearchRecords' }), 'Let me look that up for you.');
  assert.equal(phrase('adult', 'hold', { toolName: 'courts.add_event' }), "I'm writing that down now.");
  assert.equal(phrase('adult', 'hold', { toolName: 'address_catalog' }), phrase('adult', 'hold'));
  assert.equal(phrase('adult', 'hold', { toolName: 'get_calendar', variant: 1 }), phrase('adult', 'hold'));
  assert.equal(phrase('adult', 'hold', { toolName: 'zzz' }), phrase('adult', 'hold'));
});

test('a tool never changes another sentence than a hold', () => {
  assert.equal(phrase('adult', 'goodbye', { toolName: 'get_calendar' }), phrase('adult', 'goodbye'));
});

test('counting variants goes round', () => {
  const count = textsOf('re-prompt').length;

  assert.notEqual(phrase('adult', 're-prompt', { variant: 1 }), phrase('adult', 're-prompt'));
  assert.equal(phrase('adult', 're-prompt', { variant: count }), phrase('adult', 're-prompt'));
  assert.equal(phrase('adult', 're-prompt', { variant: -3 }), phrase('adult', 're-prompt'));
});

test('everything a persona may say is listed once for recording, its greeting first', () => {
  for (const persona of Object.values(personas)) {
    const listed = allPhrases(persona);

    assert.deepEqual(listed[0], { kind: 'greeting', text: persona.greeting });
    assert.equal(new Set(listed.map(({ text }) => text)).size, listed.length);
    for (const kind of phraseKinds)
      for (let variant = 0; variant < 8; variant += 1)
        assert.ok(listed.some(({ text }) => text === phrase(persona.audience, kind, { variant })));
    for (const toolName of ['get_calendar', 'search', 'add_expense', 'send_message', 'create_entry'])
      assert.ok(listed.some(({ text }) => text === phrase(persona.audience, 'hold', { toolName })));
  }
});

test('fixed sentences stay whole words when they are cut into pieces for speech', () => {
  for (const { text } of allPhrases(adult)) {
    const splitter = createSentenceSplitter();

    assert.equal([...splitter.push(text), ...splitter.flush()].join(' '), text);
  }
});
