import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type SimulatedElevenLabs, startSimulatedElevenLabs } from '#local/vendors/elevenlabs/server.ts';
import { tonedSynthesiser } from '../tone-speech.ts';

const apiKey = 'key-for-tests';
const open: { close(): unknown }[] = [];
after(() => Promise.all(open.map((one) => one.close())));

async function start(): Promise<SimulatedElevenLabs> {
  const delays = { ttsFirstByteMs: 1 };
  const server = await startSimulatedElevenLabs({ apiKey, synthesiser: tonedSynthesiser, delays });
  open.push(server);
  return server;
}

function ask(
  server: SimulatedElevenLabs,
  path: string,
  body?: unknown,
  key: string = apiKey,
): Promise<Response> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  return fetch(`${server.url}${path}`, { ...init, headers: { 'xi-api-key': key } });
}

describe('the simulated HTTP side', () => {
  it('speaks a whole phrase as telephone audio and says what it costs', async () => {
    const server = await start();
    const text = 'Please hold for a moment.';

    const response = await ask(server, '/v1/text-to-speech/voice0?output_format=ulaw_8000', { text });
    const audio = Buffer.from(await response.arrayBuffer());

    const spoken = await tonedSynthesiser.speak(text);
    assert.equal(response.status, 200);
    assert.deepEqual(audio, Buffer.from(spoken.audio));
    assert.equal(response.headers.get('character-cost'), String(text.length));
    assert.equal(server.ledger().restCharacters, text.length);
  });

  it('gives the times of characters in seconds when they are asked for', async () => {
    const server = await start();
    const path = '/v1/text-to-speech/voice0/with-timestamps?output_format=ulaw_8000';

    const response = await ask(server, path, { text: 'Hi there' });
    const body = (await response.json()) as { alignment: { characters: string[] }; audio_base64: string };

    assert.equal(body.alignment.characters.join(''), 'Hi there');
    assert.ok(body.audio_base64.length > 0);
  });

  it('refuses a wrong key, a body without text and an unknown path, and records each', async () => {
    const server = await start();
    const path = '/v1/text-to-speech/voice0?output_format=ulaw_8000';

    const wrongKey = await ask(server, path, { text: 'Hi' }, 'wrong');
    const noText = await ask(server, path, { txt: 'Hi' });
    const badFormat = await ask(server, '/v1/text-to-speech/voice0?output_format=wav', { text: 'Hi' });
    const unknown = await ask(server, '/v1/nothing');

    assert.deepEqual(
      [wrongKey.status, noText.status, badFormat.status, unknown.status],
      [401, 422, 422, 404],
    );
    assert.deepEqual(
      server.violations().map(({ code }) => code),
      ['invalid_api_key', 'unprocessable', 'unprocessable', 'not-found'],
    );
    assert.equal(server.ledger().restCharacters, 0);
  });

  it('counts characters in the subscription and in the usage of the time asked for', async () => {
    const server = await start();
    await ask(server, '/v1/text-to-speech/voice0?output_format=ulaw_8000', { text: 'x'.repeat(40) });
    const usage = async (from: number, to: number) => {
      const query = `start_unix=${from}&end_unix=${to}&metric=tts_characters&breakdown_type=product_type`;
      const response = await ask(server, `/v1/usage/character-stats?${query}`);
      const body = (await response.json()) as { usage: Record<string, number[]> };
      return body.usage['Text to Speech']?.reduce((sum, n) => sum + n, 0);
    };
    const hourMs = 3_600_000;

    const subscription = (await (await ask(server, '/v1/user/subscription')).json()) as Record<
      string,
      unknown
    >;
    const today = await usage(Date.now() - hourMs, Date.now() + hourMs);
    const lastWeek = await usage(Date.now() - 200 * hourMs, Date.now() - 100 * hourMs);
    const inSeconds = await ask(
      server,
      `/v1/usage/character-stats?start_unix=1700000000&end_unix=1800000000`,
    );

    assert.equal(subscription['character_count'], 40);
    assert.equal(today, 40);
    assert.equal(lastWeek, 0);
    assert.equal(inSeconds.status, 422);
  });

  it('fails once when asked to, over HTTP as well', async () => {
    const server = await start();
    const fault = { on: 'rest', kind: 'status', status: 429, retryAfterSecs: 2 };

    const asked = await fetch(`${server.url}/_simulated/faults`, {
      method: 'POST',
      body: JSON.stringify(fault),
    });
    const failed = await ask(server, '/v1/user/subscription');
    const well = await ask(server, '/v1/user/subscription');

    assert.deepEqual([asked.status, failed.status, well.status], [204, 429, 200]);
    assert.equal(failed.headers.get('retry-after'), '2');
  });

  it('shows its ledger and what clients did wrong', async () => {
    const server = await start();
    await ask(server, '/v1/nothing');

    const ledger = (await (await ask(server, '/_simulated/ledger')).json()) as Record<string, unknown>;
    const violations = (await (await ask(server, '/_simulated/violations')).json()) as unknown[];

    assert.equal(ledger['ttsCharacters'], 0);
    assert.equal(violations.length, 1);
  });
});
