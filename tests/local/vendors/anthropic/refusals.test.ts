import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { apiKey, ask, basic, closeAll, post, say, start } from './raw-client.ts';

after(closeAll);

const tool = { name: 'find_form', description: 'Finds a form', input_schema: { type: 'object' } };
const call = { type: 'tool_use', id: 'toolu_1', name: 'find_form', input: {} };
const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Form 12' };
const text = (words: string) => ({ type: 'text', text: words });
const assistant = (...content: object[]) => ({ role: 'assistant', content });
const caller = (...content: object[]) => ({ role: 'user', content });
const mark = (ttl: string) => ({ ...text('Be kind.'), cache_control: { type: 'ephemeral', ttl } });
const sonnet = { model: 'claude-sonnet-5-5', thinking: { type: 'between_tools' } };

const refused: readonly (readonly [what: string, change: object])[] = [
  ['temperature, even at its default', { temperature: 1 }],
  ['a field it does not know', { max_token: 5 }],
  ['no limit of tokens', { max_tokens: undefined }],
  ['a conversation that begins with the assistant', { messages: [assistant(text('Hi')), say('Hi')] }],
  ['two caller turns in a row', { messages: [say('Hi'), say('there')] }],
  ['an empty text', { messages: [caller(text(''))] }],
  ['a blank text', { messages: [caller(text(' '))] }],
  ['an assistant turn that is to be continued', { messages: [say('Hi'), assistant(text('I am'))] }],
  ['a tool call without its result', { tools: [tool], messages: [say('Hi'), assistant(call), say('And?')] }],
  ['a tool call at the end', { tools: [tool], messages: [say('Hi'), assistant(call)] }],
  [
    'a result after words',
    { tools: [tool], messages: [say('Hi'), assistant(call), caller(text('So'), result)] },
  ],
  ['a result that nobody asked for', { tools: [tool], messages: [caller(result)] }],
  ['a tool turn without tools', { messages: [say('Hi'), assistant(call), caller(result)] }],
  ['a tool name with a dot', { tools: [{ ...tool, name: 'court.find_form' }] }],
  ['a tool name of 65 characters', { tools: [{ ...tool, name: 'x'.repeat(65) }] }],
  ['two tools of one name', { tools: [tool, tool] }],
  ['a tool that takes no object', { tools: [{ ...tool, input_schema: { type: 'string' } }] }],
  ['a strict tool that takes anything', { tools: [{ ...tool, strict: true }] }],
  ['a choice of tools without tools', { tool_choice: { type: 'auto' } }],
  ['five cache marks', { system: Array.from({ length: 5 }, () => mark('5m')) }],
  ['a long-lived mark after a short-lived one', { system: [mark('5m'), mark('1h')] }],
  ['budgeted thinking on Haiku 5.5', { thinking: { type: 'enabled', budget_tokens: 1_024 } }],
  ['thinking between tools on Haiku 5.5', { thinking: { type: 'between_tools' } }],
  ['no thinking with the highest effort', { output_config: { effort: 'max' } }],
  ['no thinking on Sonnet 5.5', { model: 'claude-sonnet-5-5' }],
  ['a forced tool on Sonnet 5.5', { ...sonnet, tools: [tool], tool_choice: { type: 'any' } }],
  [
    'a named tool on Sonnet 5.5',
    { ...sonnet, tools: [tool], tool_choice: { type: 'tool', name: 'find_form' } },
  ],
  ['more fields with between_tools', { ...sonnet, thinking: { type: 'between_tools', display: 'omitted' } }],
  ['adaptive thinking on Haiku 4.5', { model: 'claude-haiku-4-5', thinking: { type: 'adaptive' } }],
  [
    'an effort on Haiku 4.5',
    { model: 'claude-haiku-4-5', thinking: undefined, output_config: { effort: 'low' } },
  ],
  ['no thinking on Opus 5.5', { model: 'claude-opus-5-5' }],
  [
    'thinking that the model did not sign',
    {
      messages: [
        say('Hi'),
        assistant({ type: 'thinking', thinking: '', signature: 'x' }, text('Hi')),
        say('So'),
      ],
    },
  ],
];

describe('the simulated Messages API refuses', () => {
  for (const [what, change] of refused) {
    it(`${what}, with 400`, async () => {
      const server = await start();

      const response = await post(server, { ...basic, ...change });
      const body = (await response.json()) as { type: string; error: { type: string }; request_id: string };

      assert.equal(response.status, 400);
      assert.deepEqual([body.type, body.error.type], ['error', 'invalid_request_error']);
      assert.equal(body.request_id, response.headers.get('request-id'));
      assert.equal(server.violations().length, 1);
      assert.equal(server.ledger().requests, 0);
    });
  }

  it('a wrong key with 401, an unknown model with 404, a missing version with 400', async () => {
    const server = await start();
    const version = { 'anthropic-version': '2026-10-21' };

    const wrongKey = await post(server, basic, { ...version, 'x-api-key': 'wrong' });
    const noKey = await post(server, basic, version);
    const unknown = await post(server, { ...basic, model: 'claude-haiku-9' });
    const dated = await post(server, { ...basic, model: 'claude-haiku-5-5-20261001' });
    const noVersion = await post(server, basic, { 'x-api-key': apiKey });
    const noJson = await post(server, '{');

    const statuses = [wrongKey, noKey, unknown, dated, noVersion, noJson].map(({ status }) => status);
    assert.deepEqual(statuses, [401, 401, 404, 404, 400, 400]);
  });
});

describe('the simulated Messages API takes', () => {
  it('a key in either header, and a temperature under the older version', async () => {
    const server = await start();

    const older = await post(
      server,
      { ...basic, temperature: 0.5 },
      { 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' },
    );
    const newer = await post(server, basic);

    assert.deepEqual([older.status, newer.status], [200, 200]);
    assert.deepEqual(server.violations(), []);
  });

  it('a whole tool turn: call, result before words, and an answer to it', async () => {
    const server = await start();

    const answer = await ask(server, {
      tools: [tool],
      messages: [say('Which form?'), assistant(text('One moment.'), call), caller(result, text('Hello?'))],
    });

    assert.equal(answer.stop_reason, 'end_turn');
    assert.deepEqual(server.violations(), []);
  });

  it('a conversation to be continued on a model that can', async () => {
    const server = await start();

    const answer = await ask(server, {
      model: 'claude-haiku-4-5',
      thinking: undefined,
      messages: [say('Hi'), assistant(text('I am'))],
    });

    assert.equal(answer.content[0]?.type, 'text');
  });

  it('its own thinking back, unchanged and on the same model only', async () => {
    const server = await start();
    const thinking = { type: 'adaptive', display: 'summarized' };
    const first = await ask(server, { model: 'claude-opus-5-5', thinking });
    const again = (model: string, content: object[]) =>
      post(server, { ...basic, model, thinking, messages: [say('Hi'), assistant(...content), say('And?')] });

    const same = await again('claude-opus-5-5', first.content);
    const [block, ...others] = first.content;
    const changed = await again('claude-opus-5-5', [{ ...block, thinking: 'Something else' }, ...others]);
    const other = await again('claude-fable-5', first.content);

    assert.equal(block?.type, 'thinking');
    assert.deepEqual([same.status, changed.status, other.status], [200, 400, 400]);
  });
});
