import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createAnthropicLanguageModel } from '#adapters/anthropic/language-model.ts';
import { systemClock } from '#adapters/system-clock/clock.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { never, request, useStrictApi } from './replies.ts';
import {
  type Answer,
  cut,
  event,
  messageDelta,
  messageStart,
  messageStop,
  ping,
  refuse,
  stall,
  startStrictMessagesApi,
  stream,
  textBlock,
} from './strict-messages-api.ts';

describe('createAnthropicLanguageModel, when it fails', () => {
  const strict = useStrictApi();
  const { modelOn, failureOf } = strict;

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
        const before = strict.api.requests.length;

        const error = await failureOf(refuse(status, type));

        assert.equal(error.failure, failure);
        assert.equal(error.retryable, retryable);
        assert.equal(error.code, type);
        assert.equal(strict.api.requests.length, before + 1);
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
      strict.api.answer(answer);
      const parts = modelOn(clock).reply(request, { signal: never })[Symbol.asyncIterator]();
      return parts;
    };

    it('before its first event is given up, and its request closed', async () => {
      const arrived = strict.api.nextRequest();
      const first = quietReply(() => undefined).next();
      const received = await arrived;

      clock.advance(3_000);

      await assert.rejects(first, { name: 'ProviderError', failure: 'timeout', code: 'first-event' });
      await received.closed;
    });

    it('after its headers is given up as well: a ping is not a first event', async () => {
      const arrived = strict.api.nextRequest();
      const first = quietReply(stall(ping)).next();
      const received = await arrived;

      clock.advance(3_000);

      await assert.rejects(first, { failure: 'timeout', code: 'first-event' });
      await received.closed;
    });

    it('between two events is given up, and its request closed', async () => {
      const arrived = strict.api.nextRequest();
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
});
