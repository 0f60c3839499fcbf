import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type SimulatedElevenLabs, startSimulatedElevenLabs } from '#local/vendors/elevenlabs/server.ts';
import { openSocket, type RawSocket } from '../raw-socket.ts';
import { tonedSynthesiser } from '../tone-speech.ts';

const apiKey = 'key-for-tests';
const telephone = 'model_id=eleven_flash_v2_5&output_format=ulaw_8000';
const phone = `${telephone}&auto_mode=true&sync_alignment=true`;
const open: { close(): unknown }[] = [];
after(() => Promise.all(open.map((one) => one.close())));

async function start(
  options: { secondMs?: number; ttsFirstByteMs?: number } = {},
): Promise<SimulatedElevenLabs> {
  const { secondMs = 1_000, ttsFirstByteMs = 1 } = options;
  const delays = { ttsFirstByteMs };
  const server = await startSimulatedElevenLabs({ apiKey, secondMs, synthesiser: tonedSynthesiser, delays });
  open.push(server);
  return server;
}

const connect = (server: SimulatedElevenLabs, query = phone, kind = 'multi-stream-input') =>
  openSocket(`${server.url}/v1/text-to-speech/voice0/${kind}?${query}`, { 'xi-api-key': apiKey });

type Message = Record<string, unknown>;
interface Alignment {
  readonly chars: string[];
  readonly charStartTimesMs: number[];
  readonly charDurationsMs: number[];
}
const isFinal = (message: Message) => message['isFinal'] === true;
const isError = (message: Message) => typeof message['error'] === 'string';
const audioOf = (message: Message) => Buffer.from(String(message['audio']), 'base64');
const chunksOf = (socket: RawSocket, contextId?: string) =>
  socket.received.filter(
    (message) => typeof message['audio'] === 'string' && message['contextId'] === contextId,
  );
const codes = (server: SimulatedElevenLabs) => server.violations().map((violation) => violation.code);
const voice_settings = { stability: 0.5, similarity_boost: 0.75 };

describe('several contexts on one simulated speech socket', () => {
  it('speak what was sent, in odd pieces, and are final only after they were closed', async () => {
    const server = await start();
    const socket = await connect(server);
    const text = 'Hello there, this is a test. ';

    socket.send({ text: ' ', context_id: 'c1', voice_settings });
    socket.send({ text, context_id: 'c1' });
    socket.send({ text: '', context_id: 'c1', flush: true });
    socket.send({ context_id: 'c1', close_context: true });
    await socket.next(isFinal);

    const chunks = chunksOf(socket, 'c1');
    const { audio } = await tonedSynthesiser.speak(text);
    assert.deepEqual(Buffer.concat(chunks.map(audioOf)), Buffer.from(audio));
    assert.ok(chunks.length > 2 && chunks.slice(0, -1).every((chunk) => audioOf(chunk).length % 160 !== 0));
    assert.deepEqual(socket.received.at(-1), { isFinal: true, contextId: 'c1' });
    assert.equal(server.ledger().ttsCharacters, text.length);
    assert.deepEqual(server.violations(), []);
  });

  it('tell when each character is heard, relative to the chunk', async () => {
    const server = await start();
    const socket = await connect(server);
    const text = 'One two three four five six seven. ';

    socket.send({ text, context_id: 'c1' });
    socket.send({ context_id: 'c1', close_context: true });
    await socket.next(isFinal);

    const chunks = chunksOf(socket, 'c1');
    const alignments = chunks.map((chunk) => chunk['alignment'] as Alignment | null);
    assert.equal(alignments.flatMap((alignment) => alignment?.chars ?? []).join(''), text);
    for (const [i, chunk] of chunks.entries()) {
      const starts = alignments[i]?.charStartTimesMs ?? [];
      assert.ok(starts.every((ms) => ms >= 0 && ms <= audioOf(chunk).length / 8));
    }
  });

  it('tell the times of the whole text with its first chunk when alignment was not asked for per chunk', async () => {
    const server = await start();
    const socket = await connect(server, `${telephone}&auto_mode=true`);
    const text = 'One two three four five six seven. ';

    socket.send({ text, context_id: 'c1' });
    socket.send({ context_id: 'c1', close_context: true });
    await socket.next(isFinal);

    const [first, ...others] = chunksOf(socket, 'c1').map((chunk) => chunk['alignment'] as Alignment | null);
    assert.equal(first?.chars.join(''), text);
    assert.ok(others.length > 0 && others.every((alignment) => alignment === null));
  });

  it('say nothing of a short sentence without auto_mode until it is flushed', async () => {
    const server = await start();
    const socket = await connect(server, telephone);

    socket.send({ text: 'A short one. ', context_id: 'short' });
    socket.send({ text: 'A sentence. ', context_id: 'flushed', flush: true });
    socket.send({ text: `${'A rather long sentence for the phone '.repeat(4)}`, context_id: 'long' });
    socket.send({ context_id: 'flushed', close_context: true });
    socket.send({ context_id: 'long', close_context: true });
    await socket.next(isFinal);
    await socket.next(isFinal);

    assert.equal(chunksOf(socket, 'short').length, 0);
    assert.notEqual(chunksOf(socket, 'flushed').length, 0);
    assert.notEqual(chunksOf(socket, 'long').length, 0);
  });

  it('wait for 120 characters and then speak without a flush', async () => {
    const server = await start();
    const socket = await connect(server, telephone);

    socket.send({ text: `${'x'.repeat(58)} ${'y'.repeat(59)} `, context_id: 'c1' });
    socket.send({ text: `z `, context_id: 'c1' });
    const chunk = await socket.next();

    assert.equal(chunk['contextId'], 'c1');
    assert.equal(server.ledger().ttsCharacters, 121);
  });

  it('send audio that is late, and their end, after they were closed in the middle', async () => {
    const server = await start();
    const socket = await connect(server);

    socket.send({ text: 'A long reply that the caller interrupts in the middle of it. ', context_id: 'c1' });
    await socket.next();
    socket.send({ context_id: 'c1', close_context: true });
    const before = socket.received.length;
    await socket.next(isFinal);

    assert.ok(socket.received.length > before + 1);
  });

  it('are five at most: a sixth costs the whole socket', async () => {
    const server = await start();
    const socket = await connect(server);

    for (let i = 0; i < 6; i += 1) socket.send({ text: ' ', context_id: `c${i}` });
    const error = await socket.next(isError);
    const { code } = await socket.closed;

    assert.equal(error['error'], 'max_active_conversations');
    assert.equal(error['code'], 1008);
    assert.equal(code, 1008);
  });

  it('count until they are final, and make room then', async () => {
    const server = await start();
    const socket = await connect(server);

    for (let i = 0; i < 5; i += 1) socket.send({ text: ' ', context_id: `c${i}` });
    socket.send({ context_id: 'c0', close_context: true });
    await socket.next(isFinal);
    socket.send({ text: 'There is room. ', context_id: 'c5' });
    socket.send({ context_id: 'c5', close_context: true });
    const last = await socket.next(isFinal);

    assert.equal(last['contextId'], 'c5');
    assert.deepEqual(server.violations(), []);
  });

  it('come out of a flush or a keep-alive for an id that is not open', async () => {
    const server = await start();
    const socket = await connect(server);

    socket.send({ text: '', context_id: 'ghost1' });
    socket.send({ context_id: 'ghost2', flush: true });
    for (let i = 0; i < 4; i += 1) socket.send({ text: ' ', context_id: `c${i}` });
    const { code } = await socket.closed;

    assert.equal(code, 1008);
    assert.deepEqual(codes(server), ['ghost-context', 'ghost-context', 'max_active_conversations']);
  });

  for (const [what, first] of [
    ['after a first message', { text: ' ', context_id: 'c1', voice_settings }],
    ['after a keep-alive that opened the context', { text: '', context_id: 'c1' }],
  ] as const) {
    it(`take voice settings in the first message only: not ${what}`, async () => {
      const server = await start();
      const socket = await connect(server);

      socket.send(first);
      socket.send({ text: 'Hello. ', context_id: 'c1', voice_settings });
      const error = await socket.next(isError);
      const { code } = await socket.closed;

      assert.match(String(error['error']), /voice_settings/);
      assert.equal(code, 1008);
    });
  }

  it('end with the socket, after what was sent is spoken', async () => {
    const server = await start();
    const socket = await connect(server);

    socket.send({ text: 'Goodbye then. ', context_id: 'c1' });
    socket.send({ close_socket: true });
    await socket.next(isFinal);
    const { code } = await socket.closed;

    assert.equal(code, 1000);
    assert.notEqual(chunksOf(socket, 'c1').length, 0);
  });

  it('keep nobody waiting for each other', async () => {
    const server = await start({ ttsFirstByteMs: 20 });
    const socket = await connect(server);

    socket.send({ text: 'A long reply '.repeat(30), context_id: 'long' });
    socket.send({ text: 'Yes. ', context_id: 'short' });
    socket.send({ context_id: 'long', close_context: true });
    socket.send({ context_id: 'short', close_context: true });
    const first = await socket.next(isFinal);

    assert.equal(first['contextId'], 'short');
  });
});

describe('both simulated speech sockets are as strict as the real ones', () => {
  it('close when the client is silent for its inactivity timeout', async () => {
    const server = await start({ secondMs: 2 });
    const socket = await connect(server);
    socket.send({ text: ' ', context_id: 'c1' });

    const error = await socket.next(isError);
    const { code } = await socket.closed;

    assert.equal(error['error'], 'input_timeout_exceeded');
    assert.equal(code, 1008);
  });

  it('count a keep-alive as activity', async () => {
    const server = await start({ secondMs: 100 });
    const socket = await connect(server, `${phone}&inactivity_timeout=2`);

    socket.send({ text: ' ', context_id: 'c1' });
    for (let i = 0; i < 6; i += 1) {
      await setTimeout(50);
      socket.send({ text: '', context_id: 'c1' });
      assert.equal(socket.received.length, 0);
    }
    await socket.closed;

    assert.deepEqual(codes(server), ['input_timeout_exceeded']);
  });

  for (const [what, query] of [
    ['a model that these sockets do not serve', 'model_id=eleven_v3'],
    ['an unknown output format', 'output_format=mulaw'],
    ['an inactivity timeout over 180 seconds', 'inactivity_timeout=181'],
    ['a language with a region', 'language_code=en-US'],
  ] as const) {
    it(`refuse ${what} with 1008`, async () => {
      const server = await start();

      const socket = await connect(server, query);
      const { code } = await socket.closed;

      assert.equal(code, 1008);
      assert.deepEqual(codes(server), ['invalid_request']);
    });
  }

  for (const [what, message] of [
    ['a voice setting out of range', { text: ' ', context_id: 'c1', voice_settings: { speed: 2 } }],
    [
      'a schedule under 50',
      { text: ' ', context_id: 'c1', generation_config: { chunk_length_schedule: [20] } },
    ],
    ['no context id', { text: 'Hello. ' }],
    ['a context id in camelCase', { text: 'Hello. ', contextId: 'c1' }],
    ['a text that is no text', { text: 7, context_id: 'c1' }],
  ] as const) {
    it(`refuse ${what} with 1008`, async () => {
      const server = await start();
      const socket = await connect(server);

      socket.send(message);
      const { code } = await socket.closed;

      assert.equal(code, 1008);
      assert.deepEqual(codes(server), ['invalid_message']);
    });
  }

  it('refuse a connection without a key or with a wrong one', async () => {
    const server = await start();
    const url = `${server.url}/v1/text-to-speech/voice0/multi-stream-input?${phone}`;

    await assert.rejects(openSocket(url), /401/);
    await assert.rejects(openSocket(url, { 'xi-api-key': 'wrong' }), /401/);
  });

  it('send no telephone audio when it was not asked for', async () => {
    const server = await start();
    const socket = await connect(server, 'model_id=eleven_flash_v2_5&auto_mode=true');

    socket.send({ text: 'Hello. ', context_id: 'c1' });
    const chunk = await socket.next();

    assert.equal(audioOf(chunk).subarray(0, 3).toString(), 'ID3');
  });
});

describe('the simulated socket for one text', () => {
  const single = (server: SimulatedElevenLabs) => connect(server, telephone, 'stream-input');

  it('begins with a space, waits for enough text, and ends with an empty text', async () => {
    const server = await start();
    const socket = await single(server);

    socket.send({ text: ' ', voice_settings });
    socket.send({ text: 'Hello there. ' });
    socket.send({ text: ' ' });
    socket.send({ text: '' });
    const first = await socket.next();
    await socket.next(isFinal);
    const { code } = await socket.closed;

    assert.equal(typeof first['audio'], 'string');
    assert.ok(!('contextId' in first));
    assert.equal(code, 1000);
    assert.deepEqual(server.violations(), []);
  });

  it('refuses to begin with words', async () => {
    const server = await start();
    const socket = await single(server);

    socket.send({ text: 'Hello there. ' });
    const { code } = await socket.closed;

    assert.equal(code, 1008);
  });

  it('speaks what it has when it is flushed, and stays open', async () => {
    const server = await start();
    const socket = await single(server);

    socket.send({ text: ' ' });
    socket.send({ text: 'Hello there. ', flush: true });
    await socket.next();
    socket.send({ text: 'And more. ', flush: true });
    socket.send({ text: '' });
    await socket.next(isFinal);

    assert.equal(server.ledger().ttsCharacters, 'Hello there. And more. '.length);
  });
});

describe('the simulated speech service fails when asked to', () => {
  it('by cutting, by falling silent and by an error frame, each in the middle of a speech', async () => {
    const server = await start();
    const speak = (socket: RawSocket) => {
      socket.send({ text: 'A reply that is long enough to be cut in the middle. ', context_id: 'c1' });
      socket.send({ context_id: 'c1', close_context: true });
    };

    server.failNext({ on: 'tts', kind: 'cut' });
    const cut = await connect(server);
    speak(cut);
    const cutClose = await cut.closed;

    server.failNext({ on: 'tts', kind: 'error-frame', code: 'quota_exceeded' });
    const ended = await connect(server);
    speak(ended);
    const error = await ended.next(isError);

    server.failNext({ on: 'tts', kind: 'stall' });
    const stalled = await connect(server);
    speak(stalled);
    await stalled.next();
    const other = await connect(server);
    speak(other);
    await other.next(isFinal);

    assert.equal(cutClose.code, 1006);
    assert.equal(chunksOf(cut, 'c1').length, 1);
    assert.equal(error['error'], 'quota_exceeded');
    assert.equal(stalled.received.length, 1);
    assert.deepEqual(server.violations(), []);
  });
});
