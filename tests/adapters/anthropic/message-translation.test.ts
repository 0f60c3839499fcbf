import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { translateMessages, translateRequest } from '#adapters/anthropic/message-translation.ts';
import { wrapThinking } from '#adapters/anthropic/opaque-block.ts';
import type { AssistantBlock, ModelMessage, ReplyRequest } from '#core/ports/language-model.ts';

const model = 'claude-haiku-4-5';

const caller = (text: string): ModelMessage => ({ role: 'caller', text });
const assistant = (...blocks: (string | AssistantBlock)[]): ModelMessage => ({
  role: 'assistant',
  blocks: blocks.map((block) => (typeof block === 'string' ? { type: 'text', text: block } : block)),
});
const call = (id: string): AssistantBlock => ({
  type: 'tool-call',
  call: { id, name: 'look_up', input: {} },
});
const results = (...ids: string[]): ModelMessage => ({
  role: 'tool-results',
  results: ids.map((callId) => ({ callId, content: `result of ${callId}`, failed: false })),
});

/** `user: [#id] text | assistant: text (#id)`: the shape of a history at a glance. */
const sketch = (messages: readonly ModelMessage[], of = model): string[] =>
  translateMessages(messages, of).map(({ role, content }) => {
    assert.ok(Array.isArray(content));
    const blocks = content.map((block) => {
      if (block.type === 'text') return block.text;
      if (block.type === 'tool_use') return `(${block.id})`;
      if (block.type === 'tool_result') return `[${block.tool_use_id}${block.is_error ? ' failed' : ''}]`;
      return `<${block.type}>`;
    });
    return `${role}: ${blocks.join(' / ')}`;
  });

describe('translateMessages', () => {
  it('opens a history that begins with the greeting by a word from the user side', () => {
    assert.deepEqual(sketch([assistant('Hello, Anna speaking.'), caller('Hi.')]), [
      'user: [The call has just been connected.]',
      'assistant: Hello, Anna speaking.',
      'user: Hi.',
    ]);
  });

  it('makes something to answer of no history at all', () => {
    assert.deepEqual(sketch([]), ['user: [The call has just been connected.]']);
  });

  it('never ends with the assistant, which newer models refuse', () => {
    assert.deepEqual(
      sketch([caller('Hi.'), assistant('Hello.')]).at(-1),
      'user: [The caller has said nothing since.]',
    );
  });

  it('puts what the caller said in a row into one message', () => {
    assert.deepEqual(sketch([caller('I need'), caller('some help.')]), ['user: I need / some help.']);
  });

  it('joins the callers words around a reply nobody heard', () => {
    assert.deepEqual(sketch([caller('I need'), assistant('', '  '), caller('some help.')]), [
      'user: I need / some help.',
    ]);
  });

  it('leaves out blank texts on both sides', () => {
    assert.deepEqual(sketch([caller('Hi.'), assistant('', 'Yes?'), caller(' '), caller('So.')]), [
      'user: Hi.',
      'assistant: Yes?',
      'user: So.',
    ]);
  });

  it('puts all results of one turn in front of the words that follow, in the order of their calls', () => {
    assert.deepEqual(
      sketch([
        caller('When?'),
        assistant('Let me see.', call('a'), call('b')),
        caller('Hello?'),
        results('b'),
        results('a'),
      ]),
      ['user: When?', 'assistant: Let me see. / (a) / (b)', 'user: [a] / [b] / Hello?'],
    );
  });

  it('answers a call that was never run, wherever it stands', () => {
    assert.deepEqual(
      sketch([caller('When?'), assistant(call('a'), call('b')), results('b'), assistant(call('c'))]),
      ['user: When?', 'assistant: (a) / (b)', 'user: [a failed] / [b]', 'assistant: (c)', 'user: [c failed]'],
    );
  });

  it('leaves out results without a call, and results that come too late', () => {
    assert.deepEqual(
      sketch([
        results('z'),
        caller('Hi.'),
        assistant('Yes?', call('a')),
        caller('So.'),
        assistant('Fine.'),
        results('a'),
      ]),
      [
        'user: Hi.',
        'assistant: Yes? / (a)',
        'user: [a failed] / So.',
        'assistant: Fine.',
        'user: [The caller has said nothing since.]',
      ],
    );
  });

  it('says so when a tool failed or gave nothing', () => {
    const failed: ModelMessage = {
      role: 'tool-results',
      results: [{ callId: 'a', content: '', failed: true }],
    };

    assert.deepEqual(
      translateMessages([caller('Hi.'), assistant(call('a')), failed], model).at(-1)?.content,
      [
        {
          type: 'tool_result',
          tool_use_id: 'a',
          content: '(empty)',
          is_error: true,
          cache_control: { type: 'ephemeral', ttl: '5m' },
        },
      ],
    );
  });

  const thinking = { type: 'thinking', thinking: '', signature: 'c2ln' } as const;
  const thought: AssistantBlock = { type: 'opaque', data: wrapThinking(model, thinking) };

  it('gives thinking back unchanged to the model that thought it', () => {
    const messages = translateMessages([caller('Hi.'), assistant(thought, call('a')), results('a')], model);

    assert.deepEqual(messages[1]?.content[0], thinking);
  });

  it('keeps thinking from a fallback model, which could not read its signature', () => {
    assert.deepEqual(sketch([caller('Hi.'), assistant(thought, 'Yes?'), caller('So.')], 'claude-opus-5'), [
      'user: Hi.',
      'assistant: Yes?',
      'user: So.',
    ]);
  });

  it('leaves out thinking that no word or call follows', () => {
    assert.deepEqual(sketch([caller('Hi.'), assistant('Yes?', thought), caller('So.'), assistant(thought)]), [
      'user: Hi.',
      'assistant: Yes?',
      'user: So.',
    ]);
  });
});

describe('translateRequest', () => {
  const tool = (name: string) => ({
    name,
    description: name,
    inputSchema: { type: 'object', properties: {} },
  });
  const request: ReplyRequest = {
    model,
    maxTokens: 400,
    system: [
      { text: 'rules', cached: true },
      { text: 'persona', cached: true },
      { text: 'this call', cached: false },
    ],
    tools: [tool('one'), tool('two')],
    messages: [caller('Hi.'), assistant('Yes?'), caller('So.')],
  };
  const marks = (body: unknown) =>
    [...JSON.stringify(body).matchAll(/"ttl":"(5m|1h)"/g)].map(([, ttl]) => ttl);

  it('marks the last tool, the cached system blocks and the end of the history', () => {
    const body = translateRequest(request, '5m');

    assert.deepEqual(
      body.tools?.map((sent) => 'cache_control' in sent),
      [false, true],
    );
    assert.ok(Array.isArray(body.system));
    assert.deepEqual(
      body.system.map((block) => 'cache_control' in block),
      [true, true, false],
    );
    assert.deepEqual(body.messages.at(-1)?.content, [
      { type: 'text', text: 'So.', cache_control: { type: 'ephemeral', ttl: '5m' } },
    ]);
  });

  it('uses at most four marks, the long-lived ones first', () => {
    const system = ['a', 'b', 'c', 'd'].map((text) => ({ text, cached: true }));

    const { tools, system: sent, messages } = translateRequest({ ...request, system }, '1h');

    assert.deepEqual(marks([tools, sent, messages]), ['1h', '1h', '1h', '5m']);
  });

  it('keeps everything before the last message equal from turn to turn', () => {
    const later = { ...request, messages: [...request.messages, assistant('I see.'), caller('And?')] };
    const unmarked = (body: unknown) => JSON.stringify(body).replaceAll(/,"cache_control":\{[^}]*\}/g, '');

    const [first, second] = [translateRequest(request, '5m'), translateRequest(later, '5m')];

    const prefix = unmarked(first.messages).slice(0, -1);
    assert.ok(unmarked(second.messages).startsWith(prefix));
    assert.deepEqual([second.tools, second.system], [first.tools, first.system]);
  });

  it('sends no empty list and no empty system prompt', () => {
    const body = translateRequest({ ...request, system: [{ text: ' ', cached: true }], tools: [] }, '5m');

    assert.deepEqual(Object.keys(body).sort(), ['max_tokens', 'messages', 'model', 'stream']);
  });

  for (const [id, thinking, effort] of [
    ['claude-haiku-5-5', { type: 'disabled' }, undefined],
    ['claude-sonnet-5-5', { type: 'between_tools' }, 'low'],
    ['claude-opus-5', { type: 'disabled' }, undefined],
    ['claude-haiku-4-5', undefined, undefined],
    ['claude-haiku-4-5-20251001', undefined, undefined],
    ['claude-opus-5-5', undefined, undefined],
    ['constructor', undefined, undefined],
  ] as const) {
    it(`asks ${id} for as little thinking as it allows, and never for a temperature`, () => {
      const body = translateRequest({ ...request, model: id }, '5m');

      assert.deepEqual(body.thinking, thinking);
      assert.equal(body.output_config?.effort, effort);
      assert.ok(!('temperature' in body));
    });
  }

  it('leaves a model that always thinks room to speak after it', () => {
    assert.equal(translateRequest(request, '5m').max_tokens, 400);
    assert.ok(translateRequest({ ...request, model: 'claude-opus-5-5' }, '5m').max_tokens >= 4_000);
  });
});
