import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createManualClock } from './manual-clock.ts';
import { endOf, never, request, textOf, useStrictApi } from './replies.ts';
import {
  blockDelta,
  blockStart,
  blockStop,
  event,
  messageDelta,
  messageStart,
  messageStop,
  ping,
  stall,
  stream,
  textBlock,
  toolBlock,
} from './strict-messages-api.ts';

describe('createAnthropicLanguageModel', () => {
  const strict = useStrictApi();
  const { modelOn, replyTo } = strict;

  describe('what goes out', () => {
    it('is one streaming request with the key as a bearer token and nothing that names the caller', async () => {
      await replyTo(stream(messageStart(), textBlock(0, 'Hi.'), messageDelta('end_turn'), messageStop));

      const sent = strict.api.requests.at(-1);
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
      const connections = strict.api.connections();
      endBody?.();
      await clock.noTimers();

      await replyTo(stream(messageStart(), messageDelta('end_turn'), messageStop));

      assert.equal(strict.api.connections(), connections);
    });

    it('does not hold on to a connection that the vendor forgets to free', async () => {
      const clock = createManualClock();
      const arrived = strict.api.nextRequest();
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
      assert.deepEqual(strict.api.requests.at(-1)?.body.messages[1].content, [
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
      strict.api.answer(
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
});
