import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSystemPrompt } from '#core/conversation/prompt.ts';
import { toSpokenText } from '#core/conversation/spoken-text.ts';
import { personaFor, personas } from '#core/personas/index.ts';
import { roles } from '#core/personas/role.ts';

const all = roles.map(personaFor);
const promptOf = (persona: (typeof all)[number]) =>
  buildSystemPrompt(persona, { toolsAvailable: [] })[0]?.text ?? '';

test('every role is answered by a persona of its own', () => {
  assert.deepEqual(Object.keys(personas), [...roles]);
  for (const role of roles) assert.equal(personaFor(role).role, role);
  assert.equal(new Set(all.map(({ name }) => name)).size, roles.length);
});

test('only the kid and teen role speaks to a child', () => {
  assert.deepEqual(
    all.filter(({ audience }) => audience === 'child').map(({ role }) => role),
    ['kid_teen'],
  );
});

test('every greeting is short, says the name and that an AI is speaking, and can be spoken', () => {
  for (const { greeting, name, role } of all) {
    assert.match(greeting, /\bAI\b/, role);
    assert.ok(greeting.includes(name), role);
    assert.equal(toSpokenText(greeting), greeting, role);
    assert.ok((greeting.match(/[.!?](?=\s|$)/g) ?? []).length <= 2, role);
    assert.ok(greeting.length <= 110, role);
  }
});

test('every persona knows the numbers for an emergency, a crisis and a hurt child', () => {
  for (const persona of all) {
    assert.match(promptOf(persona), /nine one one/, persona.role);
    assert.match(promptOf(persona), /nine eight eight/, persona.role);
    assert.match(promptOf(persona), /four two two, four four five three/, persona.role);
  }
});

test('every persona is kept from taking sides, legal advice, diagnosis and promises, and says what it is', () => {
  for (const persona of all)
    for (const rule of [
      /never take a side/,
      /no legal advice/,
      /no diagnosis/,
      /promise no result/,
      /You are an AI/,
    ])
      assert.match(promptOf(persona), rule, persona.role);
});

test('a child is never asked about abuse and never to keep a secret', () => {
  const prompt = promptOf(personaFor('kid_teen'));

  assert.match(prompt, /do not question them/);
  assert.match(prompt, /Never ask a child to keep a secret/);
  assert.match(prompt, /not their fault/);
  assert.match(prompt, /grown-up they trust/);
});

test('a child reaches no records by a tool', () => {
  assert.deepEqual(personaFor('kid_teen').tools, []);
});

test('a role that judges cases is kept from discussing one', () => {
  for (const role of ['judge', 'law_enforcement', 'cps', 'evaluator'] as const)
    assert.match(personaFor(role).prompt, /(Discuss no|Give no opinion|Speak of no)/, role);
});

test('every voice is a voice id of the speech service', () => {
  for (const { voice, role } of all) assert.match(voice, /^[A-Za-z0-9]{20}$/, role);
});
