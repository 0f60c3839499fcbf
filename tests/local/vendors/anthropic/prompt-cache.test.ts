import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { ask, basic, closeAll, post, say, start, type Usage } from './raw-client.ts';

after(closeAll);

type Ttl = '5m' | '1h';
const prompt = (letter: string, ttl?: Ttl, chars = 4_000) => ({
  type: 'text',
  text: letter.repeat(chars),
  ...(ttl ? { cache_control: { type: 'ephemeral', ttl } } : {}),
});
const numbers = ({ usage }: { usage: Usage }) => ({
  rest: usage.input_tokens,
  written: usage.cache_creation_input_tokens,
  read: usage.cache_read_input_tokens,
});
const sum = (usage: ReturnType<typeof numbers>) => usage.rest + usage.written + usage.read;

describe('the simulated prompt cache', () => {
  it('writes a marked prefix once and reads it afterwards, whatever follows', async () => {
    const server = await start();
    const system = [prompt('a', '5m')];

    const first = numbers(await ask(server, { system, messages: [say('Hello')] }));
    const second = numbers(await ask(server, { system, messages: [say('Another caller')] }));

    assert.ok(first.written > 1_000 && first.read === 0);
    assert.ok(second.read === first.written && second.written === 0);
    assert.ok(second.rest < 50);
    const { cacheWrite5mTokens, cacheReadTokens } = server.ledger();
    assert.deepEqual([cacheWrite5mTokens, cacheReadTokens], [first.written, second.read]);
  });

  it('writes nothing, and says nothing, when the prompt is too short for the model', async () => {
    const server = await start();
    const system = [prompt('a', '5m')];
    const older = { model: 'claude-haiku-4-5', thinking: undefined, system };

    await ask(server, older);
    const second = numbers(await ask(server, older));

    assert.deepEqual([second.written, second.read], [0, 0]);
  });

  it('reads a history that has grown by a turn and writes only what is new', async () => {
    const server = await start();
    const marked = (text: string) => ({
      role: 'user',
      content: [{ type: 'text', text, cache_control: { type: 'ephemeral' } }],
    });
    const system = [prompt('a', '1h')];
    const reply = { role: 'assistant', content: 'I hear you.' };

    const first = await ask(server, { system, messages: [marked('Hello')] });
    const grown = await ask(server, { system, messages: [say('Hello'), reply, marked('And then')] });

    const [before, now] = [numbers(first), numbers(grown)];
    assert.equal(now.read, before.written);
    assert.ok(now.written > 0 && now.written < 60);
    assert.ok((first.usage.cache_creation?.ephemeral_1h_input_tokens ?? 0) > 1_000);
    assert.equal(grown.usage.cache_creation?.ephemeral_1h_input_tokens, 0);
  });

  it('counts every token of the prompt exactly once', async () => {
    const server = await start();
    const body = { system: [prompt('a', '1h'), prompt('b', '5m')], messages: [say('Hello')] };

    const written = numbers(await ask(server, body));
    const read = numbers(await ask(server, body));

    assert.equal(sum(written), sum(read));
  });

  it('does not read what differs by one character, by the tools, or by the model', async () => {
    const server = await start();
    const system = [prompt('a', '5m')];
    const tool = { name: 'find_form', description: 'Finds a form', input_schema: { type: 'object' } };
    await ask(server, { system });

    const otherText = numbers(await ask(server, { system: [prompt('b', '5m')] }));
    const otherTools = numbers(await ask(server, { system, tools: [tool] }));
    const otherModel = numbers(await ask(server, { system, model: 'claude-opus-5' }));

    assert.deepEqual([otherText.read, otherTools.read, otherModel.read], [0, 0, 0]);
  });

  it('forgets after five minutes without a read, and after an hour where that was asked for', async () => {
    let nowMs = 0;
    const server = await start({ nowMs: () => nowMs });
    const short = { system: [prompt('a', '5m')] };
    const long = { system: [prompt('b', '1h')] };
    await ask(server, short);
    await ask(server, long);

    nowMs = 4 * 60_000;
    const renewed = numbers(await ask(server, short));
    nowMs = 8 * 60_000;
    const stillThere = numbers(await ask(server, short));
    nowMs = 14 * 60_000;
    const gone = numbers(await ask(server, short));
    const longLived = numbers(await ask(server, long));

    assert.ok(renewed.read > 0 && stillThere.read > 0);
    assert.equal(gone.read, 0);
    assert.ok(longLived.read > 0);
  });

  it('can be read only after the first response has begun: two at once both write', async () => {
    const server = await start({ delays: { firstTokenMs: 300, tokensPerSec: 100_000 } });
    const system = [prompt('a', '5m')];

    const both = await Promise.all([ask(server, { system }), ask(server, { system })]);

    assert.deepEqual(
      both.map((answer) => numbers(answer).read),
      [0, 0],
    );
  });

  it('is warmed by a request for no tokens at all', async () => {
    const server = await start();
    const system = [prompt('a', '5m')];

    const warming = await post(server, { ...basic, system, max_tokens: 0 });
    const next = numbers(await ask(server, { system }));

    assert.equal(warming.status, 200);
    assert.ok(next.read > 0);
  });
});
