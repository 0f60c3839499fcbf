import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSystemPrompt } from '#core/conversation/prompt.ts';
import { personaFor, personas } from '#core/personas/index.ts';

/** Haiku 5.5 caches from 512 tokens on; a token is never longer than 5 characters on average in English. */
const charsMin = 512 * 5;

const tools = ['end_call', 'search_records'];

test('the first block is the same for every call of a persona, whatever the call has', () => {
  for (const persona of Object.values(personas)) {
    const [first, ...rest] = buildSystemPrompt(persona, { toolsAvailable: tools });
    const [other] = buildSystemPrompt(persona, { toolsAvailable: [], resumed: true });

    assert.equal(first?.text, other?.text);
    assert.equal(first?.cached, true);
    assert.deepEqual(rest, []);
  }
});

test('the first block is long enough to be cached', () => {
  for (const persona of Object.values(personas))
    assert.ok(
      (buildSystemPrompt(persona, { toolsAvailable: [] })[0]?.text.length ?? 0) > charsMin,
      persona.role,
    );
});

test('two personas have two prompts, each with its own role', () => {
  const prompts = Object.values(personas).map(
    (persona) => buildSystemPrompt(persona, { toolsAvailable: tools })[0]?.text ?? '',
  );

  assert.equal(new Set(prompts).size, prompts.length);
  for (const [index, persona] of Object.values(personas).entries())
    assert.ok(prompts[index]?.includes(persona.prompt), persona.role);
});

test('a resumed call goes on without a second greeting, outside the cached part', () => {
  const blocks = buildSystemPrompt(personaFor('parent'), { toolsAvailable: tools, resumed: true });

  assert.equal(blocks.length, 2);
  assert.equal(blocks[1]?.cached, false);
  assert.match(blocks[1]?.text ?? '', /do not greet again/);
});

test('an assistant without tools is told so', () => {
  const blocks = buildSystemPrompt(personaFor('parent'), { toolsAvailable: [] });

  assert.match(blocks[1]?.text ?? '', /no tools/);
});

test('a child is spoken to by the rules for children, a grown-up by those for grown-ups', () => {
  const textFor = (role: 'kid_teen' | 'parent') =>
    buildSystemPrompt(personaFor(role), { toolsAvailable: [] })[0]?.text ?? '';

  assert.match(textFor('kid_teen'), /Never ask a child to keep a secret/);
  assert.doesNotMatch(textFor('parent'), /Never ask a child to keep a secret/);
});
