import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CancelledError } from '#core/errors.ts';
import { never, request, useStrictApi } from './replies.ts';
import { messageDelta, messageStart, messageStop, stall, stream, textBlock } from './strict-messages-api.ts';

describe('createAnthropicLanguageModel', () => {
  const strict = useStrictApi();
  const { modelOn, replyTo } = strict;

  describe('cancelling', () => {
    it('closes the request at once and is no failure', async () => {
      const abort = new AbortController();
      const arrived = strict.api.nextRequest();
      strict.api.answer(stall(messageStart(), textBlock(0, 'I was about to say')));
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
      const arrived = strict.api.nextRequest();
      const reply = replyTo(() => undefined, { signal: abort.signal });
      const received = await arrived;

      abort.abort();

      await assert.rejects(reply, CancelledError);
      await received.closed;
    });

    it('beforehand sends nothing', async () => {
      const sent = strict.api.requests.length;

      const reply = async () => {
        for await (const _ of modelOn().reply(request, { signal: AbortSignal.abort() })) assert.fail();
      };

      await assert.rejects(reply, CancelledError);
      assert.equal(strict.api.requests.length, sent);
    });

    it('by leaving the loop closes the request', async () => {
      const arrived = strict.api.nextRequest();
      strict.api.answer(stall(messageStart(), textBlock(0, 'Long story')));

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
