import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import {
  ask,
  basic,
  closeAll,
  events,
  post,
  say,
  start,
  stopReasonOf,
  stream,
  textOf,
  type Usage,
} from './raw-client.ts';

after(closeAll);

const names = (received: readonly { name: string }[]) =>
  received.map(({ name }) => name).filter((name, i, all) => name !== all[i - 1]);
const deltaTypes = (received: readonly { data: Record<string, unknown> }[]) =>
  new Set(received.flatMap(({ data }) => (data['delta'] as { type?: string } | undefined)?.type ?? []));
const long = 'One two three four five six seven eight nine ten eleven twelve thirteen fourteen.';

describe('a streamed answer of the simulated Messages API', () => {
  it('is the events of the real one, in order, with the text in pieces', async () => {
    const server = await start();
    server.script(() => ({ text: long }));

    const received = await stream(server, {});

    assert.deepEqual(names(received), [
      'message_start',
      'ping',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    assert.ok(received.every(({ name, data }) => data['type'] === name));
    assert.equal(textOf(received), long);
    assert.deepEqual(received.at(-2)?.data['delta'], {
      stop_reason: 'end_turn',
      stop_sequence: null,
      stop_details: null,
      container: null,
    });
  });

  it('gives the input of a tool in pieces of JSON, the first of them empty', async () => {
    const server = await start();
    const input = { purpose: 'to change the parenting schedule' };
    server.script(() => ({ text: 'One moment.', toolCalls: [{ name: 'find_form', input }] }));

    const received = await stream(server, {});

    const starts = received.filter(({ name }) => name === 'content_block_start');
    const pieces = received.flatMap(
      ({ data }) => (data['delta'] as { partial_json?: string } | undefined)?.partial_json ?? [],
    );
    assert.deepEqual(
      starts.map(({ data }) => (data['content_block'] as { type: string }).type),
      ['text', 'tool_use'],
    );
    assert.equal(pieces[0], '');
    assert.ok(pieces.length > 2);
    assert.deepEqual(JSON.parse(pieces.join('')), input);
    assert.equal(stopReasonOf(received), 'tool_use');
  });

  it('knows the prompt at its start, the output at its end, and the split of cache writes only at its start', async () => {
    const server = await start();
    server.script(() => ({ text: long }));

    const received = await stream(server, {});

    const opening = received[0]?.data['message'] as { usage: Usage } | undefined;
    const first = opening?.usage;
    const last = received.at(-2)?.data['usage'] as Usage;
    assert.equal(first?.output_tokens, 1);
    assert.equal(last.input_tokens, first?.input_tokens);
    assert.equal(last.output_tokens, Math.ceil((long.length / 4) * 1.3));
    assert.ok(first?.cache_creation && !last.cache_creation);
    assert.equal(server.ledger().outputTokens, last.output_tokens);
    assert.equal(server.ledger().byModel['claude-haiku-5-5']?.inputTokens, last.input_tokens);
  });

  it('thinks first, unseen and at the expense of the limit, where thinking is not switched off', async () => {
    const server = await start();

    const thinking = await stream(server, { thinking: undefined });
    const plain = await stream(server, {});

    const [firstBlock] = thinking.filter(({ name }) => name === 'content_block_start');
    const usage = thinking.at(-2)?.data['usage'] as { output_tokens_details: { thinking_tokens: number } };
    assert.deepEqual(firstBlock?.data['content_block'], { type: 'thinking', thinking: '', signature: '' });
    assert.deepEqual(deltaTypes(thinking), new Set(['signature_delta', 'text_delta']));
    assert.ok(usage.output_tokens_details.thinking_tokens > 0);
    assert.deepEqual(deltaTypes(plain), new Set(['text_delta']));
  });

  it('hands a long note before a tool call over as thinking on Sonnet 5.5, where nobody hears it', async () => {
    const server = await start();
    const note = 'I will look for the form that you need for this, and then '.repeat(4);
    server.script(() => ({ text: note, toolCalls: [{ name: 'find_form', input: {} }] }));

    const received = await stream(server, {
      model: 'claude-sonnet-5-5',
      thinking: { type: 'between_tools' },
    });

    assert.equal(textOf(received), '');
    assert.ok(deltaTypes(received).has('thinking_delta'));
  });

  it('ends at the limit of tokens, also in the middle of the input of a tool', async () => {
    const server = await start();
    server.script(() => ({ text: long }));
    const text = await ask(server, { max_tokens: 10 });
    server.script(() => ({ toolCalls: [{ name: 'save', input: { note: long } }] }));
    const received = await stream(server, { max_tokens: 10 });

    const json = received
      .map(({ data }) => (data['delta'] as { partial_json?: string } | undefined)?.partial_json ?? '')
      .join('');
    assert.equal(text.stop_reason, 'max_tokens');
    assert.equal(text.usage.output_tokens, 10);
    assert.ok(long.startsWith(text.content[0]?.text ?? 'nothing'));
    assert.equal(stopReasonOf(received), 'max_tokens');
    assert.throws(() => JSON.parse(json));
  });

  it('ends at a stop sequence and says which', async () => {
    const server = await start();
    server.script(() => ({ text: long }));

    const answer = await ask(server, { stop_sequences: ['twelve', 'six'] });

    assert.equal(answer.content[0]?.text, 'One two three four five ');
    assert.deepEqual([answer.stop_reason, answer.stop_sequence], ['stop_sequence', 'six']);
  });

  it('counts what was made for a client that left in the middle', async () => {
    const server = await start({ delays: { firstTokenMs: 1, tokensPerSec: 50 } });
    server.script(() => ({ text: long.repeat(20) }));
    const leave = new AbortController();
    const response = await post(
      server,
      { ...basic, max_tokens: 1_000, stream: true },
      undefined,
      leave.signal,
    );
    for await (const { name } of events(response)) if (name === 'content_block_delta') break;
    leave.abort();

    while (server.ledger().abortedRequests === 0) await new Promise((resolve) => setTimeout(resolve, 2));

    const { outputTokens, inputTokens } = server.ledger();
    assert.ok(outputTokens > 0 && outputTokens < 200);
    assert.ok(inputTokens > 0);
  });

  it('carries a request id and the limits of the account', async () => {
    const server = await start();

    const { headers } = await post(server, basic);

    assert.match(headers.get('request-id') ?? '', /^req_/);
    assert.match(headers.get('anthropic-ratelimit-input-tokens-reset') ?? '', /^\d{4}-\d\d-\d\dT/);
  });
});

describe('the simulated Messages API fails when asked to', () => {
  it('with a status, for one request or for one model only', async () => {
    const server = await start();
    server.failNext({ kind: 'status', status: 429, retryAfterSecs: 3 });
    server.failNext({ kind: 'status', status: 529, on: 'claude-sonnet-5' });

    const limited = await post(server, basic);
    const well = await post(server, basic);
    const overloaded = await post(server, { ...basic, model: 'claude-sonnet-5' });

    assert.deepEqual([limited.status, well.status, overloaded.status], [429, 200, 529]);
    assert.equal(limited.headers.get('retry-after'), '3');
    const body = (await overloaded.json()) as { error: { type: string } };
    assert.equal(body.error.type, 'overloaded_error');
    assert.deepEqual(server.violations(), []);
  });

  it('with an error event, a clean end or a cut in the middle of a stream', async () => {
    const server = await start();
    server.script(() => ({ text: long }));

    server.failNext({ kind: 'mid-stream-error', afterDeltas: 3 });
    const failed = await stream(server, {});
    server.failNext({ kind: 'no-message-stop', afterDeltas: 3 });
    const ended = await stream(server, {});
    server.failNext({ kind: 'cut', afterDeltas: 3 });

    await assert.rejects(stream(server, {}));
    assert.deepEqual(failed.at(-1)?.data['error'], {
      type: 'overloaded_error',
      message: 'Asked for by a test',
    });
    assert.equal(textOf(failed), 'One two three ');
    assert.equal(ended.at(-1)?.name, 'content_block_delta');
  });

  it('by saying nothing more, and by never answering', async () => {
    const server = await start();
    const leave = new AbortController();
    server.failNext({ kind: 'stall', afterDeltas: 0 });

    const stalled = await post(server, { ...basic, stream: true }, undefined, leave.signal);
    const received: string[] = [];
    for await (const { name } of events(stalled)) {
      received.push(name);
      if (name === 'content_block_start') break;
    }
    server.failNext({ kind: 'hang' });
    const hung = post(server, basic, undefined, leave.signal);
    const well = await ask(server, { messages: [say('Hello')] });
    leave.abort();

    assert.deepEqual(received, ['message_start', 'ping', 'content_block_start']);
    assert.equal(well.stop_reason, 'end_turn');
    await assert.rejects(hung, { name: 'AbortError' });
  });
});
