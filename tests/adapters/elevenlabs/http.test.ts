import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { afterEach, test } from 'node:test';
import { createElevenLabsRecordedSpeech } from '#adapters/elevenlabs/recorded-speech.ts';
import { createElevenLabsUsage } from '#adapters/elevenlabs/usage.ts';
import { CancelledError, isProviderError } from '#core/errors.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

async function serve(answer: Answer): Promise<string> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const live = () => new AbortController().signal;
const phrase = { voice: 'voice/1', text: 'One moment, please.' };
const recordedAt = (baseUrl: string) => createElevenLabsRecordedSpeech({ apiKey: 'key', baseUrl });

const failsWith = (failure: string, code: string | undefined) => (error: unknown) => {
  assert.ok(isProviderError(error), String(error));
  assert.deepEqual([error.provider, error.failure, error.code], ['elevenlabs-tts', failure, code]);
  return true;
};

test('a phrase is recorded as µ-law, with what the vendor bills for it', async () => {
  const seen: unknown[] = [];
  const url = await serve(async (request, response) => {
    seen.push(
      request.method,
      request.url,
      request.headers['xi-api-key'],
      JSON.parse(await readText(request)),
    );
    response.setHeader('character-cost', '10').end(Buffer.from([1, 2, 3]));
  });
  const recorded = createElevenLabsRecordedSpeech({
    apiKey: 'key',
    baseUrl: url,
    voiceSettings: { stability: 0.4 },
  });

  const result = await recorded.synthesizeRecorded({ ...phrase, signal: live() });

  assert.deepEqual(result, { audio: Uint8Array.of(1, 2, 3), charactersBilled: 10 });
  assert.deepEqual(seen, [
    'POST',
    '/v1/text-to-speech/voice%2F1?output_format=ulaw_8000',
    'key',
    { text: 'One moment, please.', model_id: 'eleven_flash_v2_5', voice_settings: { stability: 0.4 } },
  ]);
});

test('the older name of the header counts too, and without one nothing is claimed', async () => {
  const answers = [{ 'x-character-count': '7' }, {}, { 'character-cost': 'many' }];
  const url = await serve((_request, response) => response.writeHead(200, answers.shift()).end('a'));
  const record = () => recordedAt(url).synthesizeRecorded({ ...phrase, signal: live() });

  assert.equal((await record()).charactersBilled, 7);
  assert.equal('charactersBilled' in (await record()), false);
  assert.equal('charactersBilled' in (await record()), false);
});

for (const [status, failure] of [
  [401, 'refused'],
  [402, 'refused'],
  [403, 'refused'],
  [404, 'invalid-request'],
  [422, 'invalid-request'],
  [429, 'overloaded'],
  [500, 'unavailable'],
] as const) {
  test(`status ${status} is ${failure}, and what was said stays out of the message`, async () => {
    const url = await serve((_request, response) =>
      response.writeHead(status, { 'retry-after': '2' }).end('{"detail":"One moment, please."}'),
    );

    await assert.rejects(recordedAt(url).synthesizeRecorded({ ...phrase, signal: live() }), (error) => {
      assert.ok(isProviderError(error));
      assert.equal(error.retryAfterMs, 2_000);
      assert.doesNotMatch(error.message, /moment/);
      return failsWith(failure, `http-${status}`)(error);
    });
  });
}

test('no audio, JSON for audio and endless audio are failures of the protocol', async () => {
  const answers: Answer[] = [
    (_request, response) => response.end(),
    (_request, response) => response.setHeader('content-type', 'application/json').end('{}'),
    (_request, response) => response.end(Buffer.alloc(2_000_000)),
  ];
  const url = await serve((request, response) => answers.shift()?.(request, response));
  const record = () => recordedAt(url).synthesizeRecorded({ ...phrase, signal: live() });

  await assert.rejects(record(), failsWith('protocol', 'empty-audio'));
  await assert.rejects(record(), failsWith('protocol', 'json-instead-of-audio'));
  await assert.rejects(record(), failsWith('protocol', 'body-too-large'));
});

test('a service that is not there is unavailable, and may be tried again', async () => {
  const url = await serve((request) => request.destroy());

  await assert.rejects(recordedAt(url).synthesizeRecorded({ ...phrase, signal: live() }), (error) => {
    assert.ok(isProviderError(error) && error.retryable);
    return failsWith('unavailable', undefined)(error);
  });
});

test('a cancelled request is a cancellation', async () => {
  const end = new AbortController();
  const url = await serve(() => end.abort());

  await assert.rejects(recordedAt(url).synthesizeRecorded({ ...phrase, signal: end.signal }), CancelledError);
});

test('the quota is read from the subscription', async () => {
  const subscription = {
    tier: 'creator',
    character_count: 1_200,
    character_limit: 100_000,
    next_character_count_reset_unix: 1_800_000_000,
    status: 'active',
  };
  const url = await serve((request, response) =>
    response.end(request.url === '/v1/user/subscription' ? JSON.stringify(subscription) : '{}'),
  );

  const quota = await createElevenLabsUsage({ apiKey: 'key', baseUrl: url }).quota({ signal: live() });

  assert.deepEqual(quota, {
    tier: 'creator',
    charactersUsed: 1_200,
    charactersMax: 100_000,
    resetsAt: new Date(1_800_000_000_000),
  });
});

test('a subscription without figures is a failure, not a quota of zero', async () => {
  const url = await serve((_request, response) => response.end('{"tier":"free"}'));

  await assert.rejects(
    createElevenLabsUsage({ apiKey: 'key', baseUrl: url }).quota({ signal: live() }),
    failsWith('protocol', 'unreadable-subscription'),
  );
});
