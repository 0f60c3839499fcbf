/** Tools inside a reply, in whole calls: bounded rounds, and every call of the model answered. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { limits } from '#core/limits.ts';
import { startVirtualCall } from '#tests/support/virtual-call.ts';

describe('a model that asks for tools', () => {
  test('without end is stopped after the last round that is allowed', async () => {
    const call = startVirtualCall({
      tools: { lookup: { content: 'Nothing.' } },
      model: () => ({ tools: [{ name: 'lookup' }] }),
    });
    await call.hearReply();
    await call.says('when is my hearing.');
    await call.hearReply();
    await call.hangUp();

    assert.equal(call.model.requests.length, limits.toolRoundsMax + 1);
  });

  test('gets an answer to every one of them, also to one that does not exist', async () => {
    const call = startVirtualCall({
      tools: { lookup: { content: 'Monday.' } },
      model: (_request, nth) =>
        nth === 0 ? { tools: [{ name: 'lookup' }, { name: 'no-such-tool' }] } : { text: 'It is on Monday.' },
    });
    await call.hearReply();
    await call.says('when is my hearing.');
    await call.hearReply();
    await call.hangUp();

    const last = call.model.requests[1]?.messages.at(-1);
    assert.equal(last?.role, 'tool-results');
    assert.deepEqual(
      last?.role === 'tool-results' ? last.results.map(({ callId, failed }) => [callId, failed]) : [],
      [
        ['toolu_0_0', false],
        ['toolu_0_1', true],
      ],
    );
  });
});
