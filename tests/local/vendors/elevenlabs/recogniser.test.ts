import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { silence } from '#core/audio/mulaw.ts';
import { type SimulatedElevenLabs, startSimulatedElevenLabs } from '#local/vendors/elevenlabs/server.ts';
import { openSocket, type RawSocket } from '../raw-socket.ts';
import { join, noise, toFrames, tonedSpeech, tonedSynthesiser } from '../tone-speech.ts';

const apiKey = 'key-for-tests';
const settings = 'model_id=scribe_v2_realtime&audio_format=ulaw_8000';
const open: { close(): unknown }[] = [];
after(() => Promise.all(open.map((one) => one.close())));

async function start(secondMs = 1_000): Promise<SimulatedElevenLabs> {
  const options = { apiKey, secondMs, synthesiser: tonedSynthesiser, delays: { sttMs: 1 } };
  const server = await startSimulatedElevenLabs(options);
  open.push(server);
  return server;
}

const connect = (server: SimulatedElevenLabs, query = settings) =>
  openSocket(`${server.url}/v1/speech-to-text/realtime?${query}`, { 'xi-api-key': apiKey });

const chunk = (audio: Uint8Array, more: object = {}) => ({
  message_type: 'input_audio_chunk',
  audio_base_64: Buffer.from(audio).toString('base64'),
  commit: false,
  sample_rate: 8_000,
  ...more,
});
const commit = chunk(new Uint8Array(0), { commit: true });
const ofType = (type: string) => (message: Record<string, unknown>) => message['message_type'] === type;
const codes = (server: SimulatedElevenLabs) => server.violations().map((violation) => violation.code);

/** Commits what was sent and returns its text. */
async function committed(socket: RawSocket): Promise<unknown> {
  socket.send(commit);
  const message = await socket.next(ofType('committed_transcript'));
  return message['text'];
}

describe('the simulated recogniser understands what was registered', () => {
  it('tells each word when its last frame has arrived, and not before', async () => {
    const server = await start();
    const { audio, words } = tonedSpeech('I need help');
    server.registerUtterance(audio, words);
    const socket = await connect(server);
    const started = await socket.next();
    const frames = toFrames(audio);

    for (const frame of frames.slice(0, 24)) socket.send(chunk(frame));
    const first = await socket.next(ofType('partial_transcript'));
    socket.send(chunk(frames[24] as Uint8Array));
    const second = await socket.next(ofType('partial_transcript'));
    for (const frame of frames.slice(25)) socket.send(chunk(frame));
    const text = await committed(socket);

    assert.equal(started['message_type'], 'session_started');
    assert.equal(first['text'], 'I');
    assert.equal(second['text'], 'I need');
    assert.equal(text, 'I need help');
    assert.equal(server.violations().length, 0);
    assert.ok(Math.abs(server.ledger().sttSeconds - 0.9) < 1e-9);
  });

  it('understands audio that is joined, preceded by other sound, and not on a frame border', async () => {
    const server = await start();
    const { audio, words } = tonedSpeech('where do I send the form');
    server.registerUtterance(audio, words);
    const socket = await connect(server);

    socket.send(chunk(join([noise('cough', 333), audio, silence(100)])));
    const text = await committed(socket);

    assert.equal(text, 'where do I send the form');
  });

  it('loses a word of which most frames were lost, and only that word', async () => {
    const server = await start();
    const { audio, words } = tonedSpeech('we meet on Friday');
    server.registerUtterance(audio, words);
    const socket = await connect(server);

    toFrames(audio).forEach((frame, i) => {
      if (i < 16 || i > 23) socket.send(chunk(frame));
    });
    const text = await committed(socket);

    assert.equal(text, 'we on Friday');
  });

  it('understands a word whose last frame alone was lost when speech goes on or is committed', async () => {
    const server = await start();
    const { audio, words } = tonedSpeech('yes please');
    server.registerUtterance(audio, words);
    const socket = await connect(server);

    toFrames(audio).forEach((frame, i) => {
      if (i !== 9 && i !== 24) socket.send(chunk(frame));
    });
    const text = await committed(socket);

    assert.equal(text, 'yes please');
  });

  it('hears an utterance that shares its beginning with another one once', async () => {
    const server = await start();
    const long = tonedSpeech('my name is Ann and I call about school');
    const short = tonedSpeech('my name is Ann');
    server.registerUtterance(long.audio, long.words);
    server.registerUtterance(short.audio, short.words);
    const socket = await connect(server);

    socket.send(chunk(long.audio));
    const text = await committed(socket);

    assert.equal(text, 'my name is Ann and I call about school');
  });

  it('hears the same utterance again when it is said again', async () => {
    const server = await start();
    const { audio, words } = tonedSpeech('hello there');
    server.registerUtterance(audio, words);
    const socket = await connect(server);

    socket.send(chunk(audio));
    const first = await committed(socket);
    socket.send(chunk(audio));
    const second = await committed(socket);

    assert.deepEqual([first, second], ['hello there', 'hello there']);
  });

  it('is told of an utterance over HTTP, and refuses what is not one', async () => {
    const server = await start();
    const { audio, words } = tonedSpeech('good morning');
    const post = (body: unknown) =>
      fetch(`${server.url}/_simulated/utterances`, { method: 'POST', body: JSON.stringify(body) });

    const taken = await post({ audio: Buffer.from(audio).toString('base64'), words });
    const refused = await post({ audio: 7 });
    const socket = await connect(server);
    socket.send(chunk(audio));
    const text = await committed(socket);

    assert.equal(taken.status, 204);
    assert.equal(refused.status, 400);
    assert.equal(text, 'good morning');
  });

  it('makes wrong words, and no error, of µ-law that was announced as PCM by omission', async () => {
    const server = await start();
    const { audio, words } = tonedSpeech('I want to speak to a person now please thank you');
    server.registerUtterance(audio, words);
    const socket = await connect(server, 'model_id=scribe_v2_realtime');

    socket.send(chunk(audio, { sample_rate: 16_000 }));
    socket.send(chunk(new Uint8Array(0), { sample_rate: 16_000, commit: true }));
    const message = await socket.next(ofType('committed_transcript'));

    assert.notEqual(message['text'], '');
    assert.ok(!String(message['text']).includes('person'));
    assert.deepEqual(codes(server), ['audio-format']);
  });
});

describe('the simulated recogniser commits as the real one does', () => {
  it('never by itself in manual mode, however long the silence', async () => {
    const server = await start();
    const { audio, words } = tonedSpeech('hello');
    server.registerUtterance(audio, words);
    const socket = await connect(server);

    socket.send(chunk(join([audio, silence(20_000)])));
    await socket.next(ofType('partial_transcript'));
    const text = await committed(socket);

    assert.equal(text, 'hello');
    assert.deepEqual(server.openSockets(), { stt: 1, tts: 0 });
    assert.equal(socket.received.filter(ofType('committed_transcript')).length, 1);
  });

  it('after 36 seconds that nobody committed', async () => {
    const server = await start();
    const { audio, words } = tonedSpeech('hello');
    server.registerUtterance(audio, words);
    const socket = await connect(server);

    socket.send(chunk(join([audio, silence(20_000)])));
    socket.send(chunk(silence(16_000)));
    const message = await socket.next(ofType('committed_transcript'));

    assert.equal(message['text'], 'hello');
  });

  it('after the silence that was asked for with the vad strategy', async () => {
    const server = await start();
    const { audio, words } = tonedSpeech('hello there');
    server.registerUtterance(audio, words);
    const socket = await connect(server, `${settings}&commit_strategy=vad&vad_silence_threshold_secs=0.5`);

    socket.send(chunk(join([audio, silence(300)])));
    await socket.next(ofType('partial_transcript'));
    socket.send(chunk(silence(200)));
    const message = await socket.next(ofType('committed_transcript'));

    assert.equal(message['text'], 'hello there');
  });

  it('not with less than 0.3 seconds of new audio', async () => {
    const server = await start();
    const socket = await connect(server);

    socket.send(chunk(silence(280), { commit: true }));
    const refused = await socket.next(ofType('commit_throttled'));
    socket.send(chunk(silence(20)));
    const text = await committed(socket);

    assert.equal(typeof refused['error'], 'string');
    assert.equal(text, '');
  });

  it('twice, once with times, when timestamps are asked for', async () => {
    const server = await start();
    const { audio, words } = tonedSpeech('hello there');
    server.registerUtterance(audio, words);
    const socket = await connect(server, `${settings}&include_timestamps=true`);

    socket.send(chunk(audio, { commit: true }));
    const plain = await socket.next(ofType('committed_transcript'));
    const timed = await socket.next(ofType('committed_transcript_with_timestamps'));

    assert.equal(plain['text'], timed['text']);
    const ends = (timed['words'] as { end: number }[]).map((word) => word.end);
    assert.deepEqual(ends, [0.2, 0.5]);
  });
});

describe('the simulated recogniser is as strict as the real one', () => {
  it('refuses a connection without a key, with a wrong one, and with a used or invented token', async () => {
    const server = await start();
    const url = `${server.url}/v1/speech-to-text/realtime?${settings}`;
    const create = await fetch(`${server.url}/v1/single-use-token/realtime_scribe`, {
      method: 'POST',
      headers: { 'xi-api-key': apiKey },
    });
    const { token } = (await create.json()) as { token: string };

    const withToken = await openSocket(`${url}&token=${token}`);
    const started = await withToken.next();

    assert.equal(started['message_type'], 'session_started');
    await assert.rejects(openSocket(url), /401/);
    await assert.rejects(openSocket(url, { 'xi-api-key': 'wrong' }), /401/);
    await assert.rejects(openSocket(`${url}&token=${token}`), /403/);
    await assert.rejects(openSocket(`${url}&token=invented`), /403/);
  });

  for (const [what, query] of [
    ['no model', 'audio_format=ulaw_8000'],
    ['an unknown model', 'model_id=scribe_v9'],
    ['a language with a region', `${settings}&language_code=en-US`],
    ['an unknown audio format', 'model_id=scribe_v2_realtime&audio_format=mulaw'],
    ['an unknown commit strategy', `${settings}&commit_strategy=auto`],
    ['a silence threshold out of range', `${settings}&commit_strategy=vad&vad_silence_threshold_secs=0.1`],
    ['51 keyterms', `${settings}${'&keyterms=word'.repeat(51)}`],
    ['a keyterm of 21 characters', `${settings}&keyterms=${'x'.repeat(21)}`],
  ] as const) {
    it(`opens the socket and then refuses ${what} with 1008`, async () => {
      const server = await start();

      const socket = await connect(server, query);
      const refused = await socket.next();
      const { code } = await socket.closed;

      assert.equal(refused['message_type'], 'invalid_request');
      assert.equal(code, 1008);
      assert.deepEqual(codes(server), ['invalid_request']);
    });
  }

  it('takes 50 keyterms of 20 characters and says what was set', async () => {
    const server = await start();

    const socket = await connect(server, `${settings}${`&keyterms=${'x'.repeat(20)}`.repeat(50)}`);
    const started = await socket.next();

    const config = started['config'] as Record<string, unknown>;
    assert.equal((config['keyterms'] as string[]).length, 50);
    assert.equal(config['audio_format'], 'ulaw_8000');
    assert.equal(config['commit_strategy'], 'manual');
    assert.equal(config['sample_rate'], 8_000);
  });

  it('answers a configuration message with input_error and goes on', async () => {
    const server = await start();
    const socket = await connect(server);

    socket.send({ message_type: 'session_config', language_code: 'en' });
    const refused = await socket.next(ofType('input_error'));
    socket.send(chunk(silence(400)));
    const text = await committed(socket);

    assert.match(String(refused['error']), /session_config/);
    assert.equal(text, '');
  });

  for (const field of ['audio_base_64', 'commit', 'sample_rate', 'message_type']) {
    it(`closes with 1008 when a chunk has no ${field}`, async () => {
      const server = await start();
      const socket = await connect(server);

      socket.send(chunk(silence(20), { [field]: undefined }));
      const refused = await socket.next(ofType('input_error'));
      const { code } = await socket.closed;

      assert.equal(typeof refused['error'], 'string');
      assert.equal(code, 1008);
    });
  }

  it('closes with 1008 for binary audio', async () => {
    const server = await start();
    const socket = await connect(server);

    socket.sendRaw(silence(20));
    const { code } = await socket.closed;

    assert.equal(code, 1008);
  });

  it('takes previous_text with the first chunk only', async () => {
    const server = await start();
    const socket = await connect(server);

    socket.send(chunk(silence(20), { previous_text: 'as I said' }));
    socket.send(chunk(silence(20), { previous_text: 'as I said' }));
    const refused = await socket.next(ofType('input_error'));

    assert.match(String(refused['error']), /previous_text/);
    assert.deepEqual(codes(server), ['input_error']);
  });

  it('closes normally when no audio comes for 15 seconds, also when empty chunks do', async () => {
    const server = await start(4);
    const socket = await connect(server);
    socket.send(chunk(new Uint8Array(0)));

    const { code } = await socket.closed;

    assert.equal(code, 1000);
    assert.deepEqual(codes(server), ['idle']);
  });
});

describe('the simulated recogniser fails when asked to', () => {
  it('by refusing, cutting, falling silent, losing a commit, and ending with an error frame', async () => {
    const server = await start();
    server.failNext({ on: 'stt', kind: 'refuse-connection', status: 503 });
    await assert.rejects(connect(server), /503/);

    const cut = await connect(server);
    server.failNext({ on: 'stt', kind: 'cut' });
    cut.send(chunk(silence(20)));
    const cutClose = await cut.closed;

    const ended = await connect(server);
    server.failNext({ on: 'stt', kind: 'error-frame', code: 'quota_exceeded' });
    ended.send(chunk(silence(20)));
    const frame = await ended.next(ofType('quota_exceeded'));
    const endedClose = await ended.closed;

    const lost = await connect(server);
    server.failNext({ on: 'stt', kind: 'lose-commit' });
    lost.send(chunk(silence(400), { commit: true }));
    lost.send(chunk(silence(400), { commit: true }));
    await lost.next(ofType('committed_transcript'));

    assert.equal(cutClose.code, 1006);
    assert.equal(typeof frame['error'], 'string');
    assert.equal(endedClose.code, 1008);
    assert.equal(lost.received.filter(ofType('committed_transcript')).length, 1);
    assert.deepEqual(server.violations(), []);
  });
});
