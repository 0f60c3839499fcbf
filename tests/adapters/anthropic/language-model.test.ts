import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { createAnthropicLanguageModel } from '#adapters/anthropic/language-model.ts';
import { systemClock } from '#adapters/system-clock/clock.ts';
import { CancelledError, ProviderError } from '#core/errors.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ReplyPart, ReplyRequest } from '#core/ports/language-model.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import {
  type Answer,
  blockDelta,
  blockStart,
  blockStop,
  cut,
  event,
  messageDelta,
  messageStart,
  messageStop,
  ping,
  refuse,
  type StrictMessagesApi,
  stall,
  startStrictMessagesApi,
  stream,
  textBlock,
  toolBlock,
} from './strict-messages-api.ts';

const request: ReplyRequest = {
  model: 'claude-haiku-4-5',
  maxTokens: 400,
  system: [{ text: 'You answer the phone.', cached: true }],
  tools: [],
  messages: [{ role: 'caller', text: 'Hello?' }],
};

const textOf = (parts: readonly ReplyPart[]) =>
  parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');

const endOf = (parts: readonly ReplyPart[]) => {
  const end = parts.at(-1);
  assert.equal(end?.type, 'end');
  return end;
};

describe('createAnthropicLanguageModel', () => {
  let api: StrictMessagesApi;
  const never = new AbortController().signal;

  before(async () => {
    api = await startStrictMessagesApi();
  });
  after(() => api.close());

  const modelOn = (clock: Clock = systemClock) =>
    createAnthropicLanguageModel({
      apiKey: 'sk-ant-test',
      baseUrl: api.url,
      clock,
      firstEventTimeoutMs: 3_000,
      eventGapTimeoutMs: 3_000,
    });

  const replyTo = async (
    answer: Answer,
    { over = request, signal = never, clock = systemClock as Clock } = {},
  ) => {
    api.answer(answer);
    const parts: ReplyPart[] = [];
    for await (const part of modelOn(clock).reply(over, { signal })) parts.push(part);
    return parts;
  };

  const failureOf = async (answer: Answer) => {
    const error = await replyTo(answer).then(
      () => assert.fail('the reply should have failed'),
      (cause: unknown) => cause,
    );
    assert.ok(error instanceof ProviderError, String(error));
    return error;
  };

  describe('what goes out', () => {
    it('is one streaming request with the key as a bearer token and nothing that names the caller', async () => {
      await replyTo(stream(messageStart(), textBlock(0, 'Hi.'), messageDelta('end_turn'), messageStop));

      const sent = api.requests.at(-1);
      assert.equal(sent?.path, '/v1/messages');
      assert.equal(sent.headers.authorization, 'Bearer sk-ant-test');
      assert.equal(sent.body.stream, true);
      assert.deepEqual(Object.keys(sent.body).sort(), [
        'max_tokens',
        'messages',
        'model',
        'stream',
        'system',
      ]);
    });
  });

  describe('a complete reply', () => {
    it('comes piece by piece and ends with the whole text', async () => {
      const parts = await replyTo(
        stream(
          messageStart(),
          ping,
          textBlock(0, 'Good ', 'morning.'),
          messageDelta('end_turn'),
          messageStop,
        ),
      );

      assert.equal(textOf(parts), 'Good morning.');
      assert.deepEqual(endOf(parts), {
        type: 'end',
        stopReason: 'end',
        blocks: [{ type: 'text', text: 'Good morning.' }],
      });
    });

    it('reports exact usage when the prompt was counted and at its end, keeping the split of cache writes', async () => {
      const parts = await replyTo(
        stream(
          messageStart({
            input_tokens: 20,
            cache_creation_input_tokens: 300,
            cache_read_input_tokens: 4000,
            cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
            output_tokens: 1,
          }),
          textBlock(0, 'Yes.'),
          messageDelta('end_turn', {
            input_tokens: 20,
            cache_creation_input_tokens: 300,
            cache_read_input_tokens: 4000,
            output_tokens: 7,
          }),
          messageStop,
        ),
      );

      const prompt = {
        inputTokens: 20,
        cacheWrite5mTokens: 100,
        cacheWrite1hTokens: 200,
        cacheReadTokens: 4000,
      };
      assert.deepEqual(
        parts.filter((part) => part.type === 'usage'),
        [
          { type: 'usage', usage: { ...prompt, outputTokens: 1 }, final: false },
          { type: 'usage', usage: { ...prompt, outputTokens: 7 }, final: true },
        ],
      );
    });

    it('passes over events, deltas and blocks that are newer than this code', async () => {
      const parts = await replyTo(
        stream(
          messageStart(),
          event({ type: 'weather_report', sun: true }),
          blockStart(0, { type: 'hologram', beam: 1 }),
          blockDelta(0, { type: 'beam_delta', beam: 2 }),
          blockStop(0),
          blockStart(1, { type: 'text', text: '' }),
          blockDelta(1, { type: 'glitter_delta', glitter: 1 }),
          blockDelta(1, { type: 'text_delta', text: 'Hello.' }),
          blockStop(1),
          messageDelta('end_turn'),
          messageStop,
        ),
      );

      assert.deepEqual(endOf(parts).blocks, [{ type: 'text', text: 'Hello.' }]);
    });

    it('is over for its consumer at once, and leaves its connection to the next reply', async () => {
      const clock = createManualClock();
      let endBody: (() => void) | undefined;
      await replyTo(
        (response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write([messageStart(), messageDelta('end_turn'), messageStop].join(''));
          endBody = () => response.end();
        },
        { clock },
      );
      const connections = api.connections();
      endBody?.();
      await clock.noTimers();

      await replyTo(stream(messageStart(), messageDelta('end_turn'), messageStop));

      assert.equal(api.connections(), connections);
    });

    it('does not hold on to a connection that the vendor forgets to free', async () => {
      const clock = createManualClock();
      const arrived = api.nextRequest();
      await replyTo(stall(messageStart(), messageDelta('end_turn'), messageStop), { clock });

      clock.advance(1_000);

      await (await arrived).closed;
    });

    for (const [word, stopReason] of [
      ['max_tokens', 'max-tokens'],
      ['model_context_window_exceeded', 'max-tokens'],
      ['refusal', 'refusal'],
      ['pause_turn', 'other'],
      ['stop_sequence', 'end'],
      ['something_new', 'other'],
    ] as const) {
      it(`that stopped for ${word} says ${stopReason}`, async () => {
        const parts = await replyTo(
          stream(messageStart(), textBlock(0, 'Well'), messageDelta(word), messageStop),
        );

        assert.equal(endOf(parts).stopReason, stopReason);
      });
    }
  });

  describe('thinking', () => {
    const thinking = { type: 'thinking', thinking: 'Hm. Let me see.', signature: 'c2ln' };

    it('is heard by nobody and goes back to its model as it came', async () => {
      const parts = await replyTo(
        stream(
          messageStart(),
          blockStart(0, { type: 'thinking', thinking: '', signature: '' }),
          blockDelta(0, { type: 'thinking_delta', thinking: 'Hm. ' }),
          blockDelta(0, { type: 'thinking_delta', thinking: 'Let me see.' }),
          blockDelta(0, { type: 'signature_delta', signature: 'c2ln' }),
          blockStop(0),
          textBlock(1, 'Yes.'),
          messageDelta('end_turn'),
          messageStop,
        ),
      );
      const next = {
        ...request,
        messages: [
          ...request.messages,
          { role: 'assistant' as const, blocks: endOf(parts).blocks },
          { role: 'caller' as const, text: 'Sure?' },
        ],
      };
      await replyTo(stream(messageStart(), messageDelta('end_turn'), messageStop), { over: next });

      assert.equal(textOf(parts), 'Yes.');
      assert.deepEqual(api.requests.at(-1)?.body.messages[1].content, [
        thinking,
        { type: 'text', text: 'Yes.' },
      ]);
    });
  });

  describe('a tool call', () => {
    it('is put together from its pieces and given once the reply is complete', async () => {
      const parts = await replyTo(
        stream(
          messageStart(),
          textBlock(0, 'One moment.'),
          toolBlock(1, 'find_form', '', '{"cou', 'nty":"Kent"}'),
          toolBlock(2, 'next_hearing'),
          messageDelta('tool_use'),
          messageStop,
        ),
      );

      const calls = [
        { type: 'tool-call', call: { id: 'toolu_1', name: 'find_form', input: { county: 'Kent' } } },
        { type: 'tool-call', call: { id: 'toolu_2', name: 'next_hearing', input: {} } },
      ];
      assert.deepEqual(
        parts.filter((part) => part.type === 'tool-call'),
        calls,
      );
      assert.deepEqual(endOf(parts), {
        type: 'end',
        stopReason: 'tool-calls',
        blocks: [{ type: 'text', text: 'One moment.' }, ...calls],
      });
    });

    it('that ran out of tokens in its middle is not made, however complete it looks', async () => {
      const parts = await replyTo(
        stream(
          messageStart(),
          textBlock(0, 'Let me look.'),
          toolBlock(1, 'find_form', '{"county":"Ke'),
          toolBlock(2, 'save_note'),
          messageDelta('max_tokens'),
          messageStop,
        ),
      );

      assert.deepEqual(
        parts.filter((part) => part.type === 'tool-call'),
        [],
      );
      assert.deepEqual(endOf(parts).blocks, [{ type: 'text', text: 'Let me look.' }]);
    });

    it('with input that is not JSON fails the reply after its usage was told, and may be tried again', async () => {
      api.answer(
        stream(
          messageStart(),
          toolBlock(0, 'find_form', '{"county": Kent}'),
          messageDelta('tool_use'),
          messageStop,
        ),
      );
      const kinds: string[] = [];

      const reply = async () => {
        for await (const part of modelOn().reply(request, { signal: never })) kinds.push(part.type);
      };

      await assert.rejects(reply, {
        name: 'ProviderError',
        failure: 'protocol',
        code: 'tool-input',
        retryable: true,
      });
      assert.deepEqual(kinds, ['usage', 'usage']);
    });
  });

  describe('a refused request', () => {
    for (const [status, type, failure, retryable] of [
      [400, 'invalid_request_error', 'invalid-request', false],
      [401, 'authentication_error', 'refused', false],
      [402, 'billing_error', 'refused', false],
      [403, 'permission_error', 'refused', false],
      [404, 'not_found_error', 'invalid-request', false],
      [413, 'request_too_large', 'invalid-request', false],
      [429, 'rate_limit_error', 'overloaded', true],
      [500, 'api_error', 'unavailable', true],
      [504, 'timeout_error', 'timeout', true],
      [529, 'overloaded_error', 'overloaded', true],
    ] as const) {
      it(`with ${status} ${type} is ${failure}, after one attempt`, async () => {
        const before = api.requests.length;

        const error = await failureOf(refuse(status, type));

        assert.equal(error.failure, failure);
        assert.equal(error.retryable, retryable);
        assert.equal(error.code, type);
        assert.equal(api.requests.length, before + 1);
      });
    }

    it('says how long to wait when the vendor did', async () => {
      const error = await failureOf(refuse(429, 'rate_limit_error', { 'retry-after': '7' }));

      assert.equal(error.retryAfterMs, 7_000);
    });

    it('because the money is spent is not worth another attempt', async () => {
      const error = await failureOf((response) =>
        response.writeHead(429, { 'content-type': 'application/json' }).end(
          JSON.stringify({
            type: 'error',
            error: {
              type: 'rate_limit_error',
              message: 'no',
              details: { error_code: 'enforced_spend_limit_reached' },
            },
          }),
        ),
      );

      assert.equal(error.failure, 'refused');
      assert.equal(error.code, 'enforced_spend_limit_reached');
    });

    it('by a server that is not there is unavailable', async () => {
      const gone = await startStrictMessagesApi();
      await gone.close();
      const model = createAnthropicLanguageModel({
        apiKey: 'k',
        baseUrl: gone.url,
        clock: systemClock,
        firstEventTimeoutMs: 3_000,
        eventGapTimeoutMs: 3_000,
      });

      const reply = async () => {
        for await (const _ of model.reply(request, { signal: never })) assert.fail('nothing can come');
      };

      await assert.rejects(reply, { name: 'ProviderError', failure: 'unavailable', retryable: true });
    });
  });

  describe('a reply that breaks off', () => {
    for (const [type, failure] of [
      ['overloaded_error', 'overloaded'],
      ['rate_limit_error', 'overloaded'],
      ['api_error', 'unavailable'],
      ['authentication_error', 'refused'],
      ['never_seen_error', 'unavailable'],
    ] as const) {
      it(`with ${type} in its middle is ${failure}`, async () => {
        const error = await failureOf(
          stream(
            messageStart(),
            textBlock(0, 'So'),
            event({ type: 'error', error: { type, message: 'no' } }),
          ),
        );

        assert.equal(error.failure, failure);
        assert.equal(error.code, type);
      });
    }

    it('with a clean end but no message_stop does not pass for a complete one', async () => {
      const error = await failureOf(stream(messageStart(), textBlock(0, 'Half of it')));

      assert.equal(error.failure, 'unavailable');
      assert.equal(error.code, 'truncated');
    });

    it('because its socket was lost is unavailable', async () => {
      const error = await failureOf(cut(messageStart(), textBlock(0, 'Half of it')));

      assert.equal(error.failure, 'unavailable');
    });

    it('with something unreadable is a protocol failure whose message quotes nothing', async () => {
      const error = await failureOf(
        stream(messageStart(), 'event: content_block_delta\ndata: {"secret words\n\n'),
      );

      assert.equal(error.failure, 'protocol');
      assert.doesNotMatch(error.message, /secret/);
    });

    it('whose text comes before its start is a protocol failure', async () => {
      const error = await failureOf(stream(textBlock(0, 'Hi.'), messageStop));

      assert.equal(error.failure, 'protocol');
    });
  });

  describe('a reply that goes quiet', () => {
    let clock: ManualClock;
    beforeEach(() => {
      clock = createManualClock();
    });
    afterEach(() => assert.equal(clock.timersSet(), 0));

    /** Reads until the reply is waiting for more, moves time, and gives what came of it. */
    const quietReply = (answer: Answer) => {
      api.answer(answer);
      const parts = modelOn(clock).reply(request, { signal: never })[Symbol.asyncIterator]();
      return parts;
    };

    it('before its first event is given up, and its request closed', async () => {
      const arrived = api.nextRequest();
      const first = quietReply(() => undefined).next();
      const received = await arrived;

      clock.advance(3_000);

      await assert.rejects(first, { name: 'ProviderError', failure: 'timeout', code: 'first-event' });
      await received.closed;
    });

    it('after its headers is given up as well: a ping is not a first event', async () => {
      const arrived = api.nextRequest();
      const first = quietReply(stall(ping)).next();
      const received = await arrived;

      clock.advance(3_000);

      await assert.rejects(first, { failure: 'timeout', code: 'first-event' });
      await received.closed;
    });

    it('between two events is given up, and its request closed', async () => {
      const arrived = api.nextRequest();
      const parts = quietReply(stall(messageStart(), textBlock(0, 'One')));
      await parts.next();
      const received = await arrived;
      await parts.next();
      const third = parts.next();
      await clock.timerSet();

      clock.advance(3_000);

      await assert.rejects(third, { failure: 'timeout', code: 'event-gap' });
      await received.closed;
    });

    it('is kept while pings come, but not for ever', async () => {
      const pinged: (() => void)[] = [];
      const parts = quietReply((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(messageStart());
        pinged.push(() => response.write(ping));
      });
      await parts.next();
      const second = parts.next();
      await clock.timerSet();

      for (let pings = 0; pings < 5; pings += 1) {
        clock.advance(2_000);
        const restarted = clock.nextTimer();
        pinged[0]?.();
        await restarted;
      }
      clock.advance(2_000);

      await assert.rejects(second, { failure: 'timeout', code: 'event-gap' });
    });

    it('is not given up for the time its consumer takes', async () => {
      const parts = quietReply(
        stream(messageStart(), textBlock(0, 'One'), messageDelta('end_turn'), messageStop),
      );
      await parts.next();

      clock.advance(60_000);
      const rest: string[] = [];
      for (let next = await parts.next(); !next.done; next = await parts.next()) rest.push(next.value.type);
      await clock.noTimers();

      assert.deepEqual(rest, ['text-delta', 'usage', 'end']);
    });
  });

  describe('cancelling', () => {
    it('closes the request at once and is no failure', async () => {
      const abort = new AbortController();
      const arrived = api.nextRequest();
      api.answer(stall(messageStart(), textBlock(0, 'I was about to say')));
      const heard: string[] = [];

      const reply = async () => {
        for await (const part of modelOn().reply(request, { signal: abort.signal })) {
          heard.push(part.type);
          if (part.type === 'text-delta') setImmediate(() => abort.abort());
        }
      };

      await assert.rejects(reply, CancelledError);
      await (await arrived).closed;
      assert.deepEqual(heard, ['usage', 'text-delta']);
    });

    it('before the headers came closes the request as well', async () => {
      const abort = new AbortController();
      const arrived = api.nextRequest();
      const reply = replyTo(() => undefined, { signal: abort.signal });
      const received = await arrived;

      abort.abort();

      await assert.rejects(reply, CancelledError);
      await received.closed;
    });

    it('beforehand sends nothing', async () => {
      const sent = api.requests.length;

      const reply = async () => {
        for await (const _ of modelOn().reply(request, { signal: AbortSignal.abort() })) assert.fail();
      };

      await assert.rejects(reply, CancelledError);
      assert.equal(api.requests.length, sent);
    });

    it('by leaving the loop closes the request', async () => {
      const arrived = api.nextRequest();
      api.answer(stall(messageStart(), textBlock(0, 'Long story')));

      for await (const part of modelOn().reply(request, { signal: never })) {
        if (part.type === 'text-delta') break;
      }

      await (await arrived).closed;
    });

    it('leaves no listener on a signal that lives as long as the call', async () => {
      const call = new AbortController();
      const added: unknown[] = [];
      const { addEventListener, removeEventListener } = call.signal;
      call.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
        added.push(args[1]);
        addEventListener.apply(call.signal, args);
      };
      call.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
        added.splice(added.indexOf(args[1]), 1);
        removeEventListener.apply(call.signal, args);
      };

      await replyTo(stream(messageStart(), messageDelta('end_turn'), messageStop), { signal: call.signal });

      assert.deepEqual(added, []);
    });
  });
});
