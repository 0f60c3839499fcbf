/** What a media server and a caller see of a stream, over real sockets. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { frameBytes, silence } from '#core/audio/mulaw.ts';
import { type SimulatedTwilio, startSimulatedTwilio } from '#local/twilio/exchange.ts';
import {
  type Application,
  accountSid,
  authToken,
  type StreamConnection,
  startApplication,
  twiml,
} from './application.ts';
import { pickUpPhone, type TestPhone } from './test-phone.ts';

const from = '+12025550100';
const to = '+12025550142';
const audio = (byte: number, bytes: number) => new Uint8Array(bytes).fill(byte);
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

let app: Application;
let twilio: SimulatedTwilio;
let phone: TestPhone;

const connectTo = (url: string, attributes = '', inside = '') =>
  twiml(`<Connect action="/after"><Stream url="${url}"${attributes}>${inside}</Stream></Connect>`);

beforeEach(async () => {
  app = await startApplication();
  twilio = await startSimulatedTwilio({ accountSid, authToken });
  phone = await pickUpPhone(twilio.phoneUrl);
  app.on('/voice', connectTo(`${app.streamUrl}/stream`));
  app.on('/after', twiml('<Hangup/>'));
  app.on('/stream-status', { status: 204 });
});
afterEach(async () => {
  await twilio.close();
  await app.close();
});

const dial = () => phone.send({ type: 'dial', from, to, voiceUrl: `${app.url}/voice` });

/** Dials, and waits until the stream has begun. */
async function connected(): Promise<StreamConnection> {
  const stream = new Promise<StreamConnection>((resolve) => app.onStream(resolve));
  dial();
  const connection = await stream;
  await connection.next(({ event }) => event === 'start');
  return connection;
}

describe('a stream', () => {
  test('is opened with a signature over its address, and begins as documented', async () => {
    app.on(
      '/voice',
      connectTo(`${app.streamUrl}/call/stream`, '', '<Parameter name="token" value="a&amp;b=/+"/>'),
    );

    const stream = await connected();

    const [first, start] = stream.messages;
    assert.equal(stream.signed, true);
    assert.deepEqual(first, { event: 'connected', protocol: 'Call', version: '1.0.0' });
    assert.match(start?.streamSid ?? '', /^MZ[0-9a-f]{32}$/);
    assert.deepEqual(start, {
      event: 'start',
      sequenceNumber: '1',
      streamSid: start?.streamSid,
      start: {
        accountSid,
        streamSid: start?.streamSid,
        callSid: app.asked[0]?.params['CallSid'],
        tracks: ['inbound'],
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
        customParameters: { token: 'a&b=/+' },
      },
    });
  });

  test('carries what the caller says, 160 bytes a frame, numbered in strings, and silence otherwise', async () => {
    const stream = await connected();
    const spoken = Buffer.concat([audio(1, frameBytes), audio(2, frameBytes), audio(3, 80)]);

    phone.speak(spoken);
    await stream.next(({ media }) => media !== undefined && Buffer.from(media.payload, 'base64')[0] === 3);

    const media = stream.messages.flatMap((message) => (message.media ? [message.media] : []));
    const frames = media.map(({ payload }) => Buffer.from(payload, 'base64'));
    const firstSpoken = frames.findIndex((frame) => frame[0] === 1);
    assert.ok(frames.slice(0, firstSpoken).every((frame) => frame.equals(silence(20))));
    assert.deepEqual(
      Buffer.concat(frames.slice(firstSpoken, firstSpoken + 3)),
      Buffer.concat([spoken, silence(10)]),
    );
    assert.deepEqual(
      media.map(({ chunk, timestamp, track }) => [chunk, timestamp, track]),
      media.map((_, i) => [String(i + 1), String(i * 20), 'inbound']),
    );
  });

  test('keeps real time: no frame comes early, and a late one is made up for', async () => {
    const stream = await connected();
    const startedAtMs = performance.now();

    await stream.next(({ media }) => media?.chunk === '25');

    const tookMs = performance.now() - startedAtMs;
    assert.ok(tookMs >= 24 * 20 - 25, `25 frames took ${tookMs} ms`);
  });

  test('lets the caller hear what is sent, in order and whole, and says so with the mark', async () => {
    const stream = await connected();
    const sent = Buffer.concat([audio(1, 100), audio(2, 700), audio(3, 160)]);

    stream.send('media', { media: { payload: base64(sent.subarray(0, 333)) } });
    stream.send('media', { media: { payload: base64(sent.subarray(333)) } });
    stream.send('mark', { mark: { name: 'said' } });
    const mark = await stream.next(({ event }) => event === 'mark');

    const heard = Buffer.concat(phone.frames);
    const begins = heard.indexOf(1);
    assert.deepEqual(heard.subarray(begins, begins + sent.length), sent);
    assert.equal(mark.mark?.name, 'said');
    assert.equal(mark.streamSid, stream.streamSid());
    assert.match(mark.sequenceNumber ?? '', /^\d+$/);
  });

  test('returns a mark after the audio before it, not with it', async () => {
    const stream = await connected();

    stream.send('media', { media: { payload: base64(audio(1, 10 * frameBytes)) } });
    stream.send('mark', { mark: { name: 'end' } });
    await stream.next(({ event }) => event === 'mark');

    const order = stream.messages.map(({ event }) => event);
    const framesBefore = order.slice(0, order.indexOf('mark')).filter((event) => event === 'media').length;
    assert.ok(framesBefore >= 10, `only ${framesBefore} frames of time had passed`);
  });

  test('goes silent at a clear, and gives every pending mark back', async () => {
    const stream = await connected();
    stream.send('media', { media: { payload: base64(audio(1, 8_000)) } });
    stream.send('mark', { mark: { name: 'one' } });
    stream.send('mark', { mark: { name: 'two' } });
    await phone.heard(phone.frames.length + 5);

    stream.send('clear');
    await stream.next(({ mark }) => mark?.name === 'two');
    const heardAtClear = phone.frames.length;
    await phone.heard(heardAtClear + 3);

    assert.deepEqual(
      stream.messages.flatMap(({ mark }) => (mark ? [mark.name] : [])),
      ['one', 'two'],
    );
    assert.deepEqual(phone.frames.at(-1), Buffer.from(silence(20)));
    const [call] = twilio.ledger();
    stream.socket.close(1000);
    await phone.ended();
    const note = call?.streams[0];
    assert.ok((note?.playedMs ?? 0) < 300, `played ${note?.playedMs} ms`);
    assert.equal((note?.playedMs ?? 0) + (note?.droppedMs ?? 0), 1_000);
  });

  test('passes keys on', async () => {
    const stream = await connected();

    phone.send({ type: 'dtmf', digit: '0' });
    const { dtmf } = await stream.next(({ event }) => event === 'dtmf');

    assert.deepEqual(dtmf, { track: 'inbound_track', digit: '0' });
  });

  test('records every message that Twilio could not use, and goes on', async () => {
    const stream = await connected();
    const streamSid = stream.streamSid();
    const wrong: (string | Buffer)[] = [
      'hello',
      '{"event":"media"}',
      JSON.stringify({ event: 'shout', streamSid }),
      JSON.stringify({ event: 'media', streamSid: `MZ${'0'.repeat(32)}`, media: { payload: 'AAAA' } }),
      JSON.stringify({ event: 'media', streamSid, media: { payload: 'AA-_' } }),
      JSON.stringify({ event: 'media', streamSid, media: { payload: '' } }),
      JSON.stringify({ event: 'media', streamSid, media: { payload: base64(Buffer.from('RIFF1234WAVE')) } }),
      JSON.stringify({ event: 'mark', streamSid, mark: {} }),
      Buffer.from([1, 2, 3]),
    ];

    for (const message of wrong) stream.socket.send(message);
    stream.send('mark', { mark: { name: 'still here' } });
    await stream.next(({ event }) => event === 'mark');

    const [call] = twilio.ledger();
    assert.deepEqual(
      call?.violations.map(({ code }) => code),
      wrong.map(() => 31_950),
    );
    assert.equal(call?.violations.filter(({ problem }) => problem.includes('another stream')).length, 1);
    assert.equal(call?.violations.filter(({ problem }) => problem.includes('RIFF')).length, 1);
  });

  test('ends with the action, asked and signed, when the application closes it', async () => {
    const stream = await connected();
    stream.send('media', { media: { payload: base64(audio(1, 80_000)) } });

    stream.socket.close(1000);
    const { status, ledger } = await phone.ended();

    const action = app.asked.at(-1);
    assert.equal(status, 'completed');
    assert.deepEqual(
      [action?.path, action?.method, action?.signed, action?.params['CallStatus']],
      ['/after', 'POST', true, 'in-progress'],
    );
    assert.equal(action?.params['CallSid'], ledger.callSid);
    assert.equal(
      stream.messages.some(({ event }) => event === 'stop'),
      false,
    );
    assert.deepEqual(ledger.violations, []);
  });

  test('ends with stop when the caller hangs up, and the action is told', async () => {
    const stream = await connected();

    phone.send({ type: 'hang-up' });
    const stop = await stream.next(({ event }) => event === 'stop');
    const { status } = await phone.ended();

    assert.deepEqual(stop.stop, { accountSid, callSid: app.asked[0]?.params['CallSid'] });
    assert.equal(status, 'completed');
    assert.equal(app.asked.at(-1)?.params['CallStatus'], 'completed');
    assert.deepEqual(app.paths(), ['/voice', '/after']);
  });

  test('of a phone that goes away ends as if it had hung up', async () => {
    const stream = await connected();

    phone.close();
    await stream.next(({ event }) => event === 'stop');
    await new Promise((resolve) => stream.socket.once('close', resolve));

    assert.equal(stream.messages.at(-1)?.event, 'stop');
  });

  test('that the application refuses is 31920, told to the stream’s callback, and leads to the action', async () => {
    app.refuseStreams(403);
    app.on('/voice', connectTo(`${app.streamUrl}/stream`, ' statusCallback="/stream-status"'));

    dial();
    const { status, ledger } = await phone.ended();

    assert.equal(status, 'completed');
    assert.deepEqual(
      ledger.violations.map(({ code }) => code),
      [31_920],
    );
    const callback = app.asked.find(({ path }) => path === '/stream-status');
    assert.equal(callback?.params['StreamEvent'], 'stream-error');
    assert.match(callback?.params['StreamError'] ?? '', /31920/);
    assert.ok(app.paths().includes('/after'));
    assert.equal(ledger.streamSecs, 0);
  });

  test('that breaks without a word is 31921 and leads to the action', async () => {
    const stream = await connected();

    stream.socket.terminate();
    const { ledger } = await phone.ended();

    assert.deepEqual(
      ledger.violations.map(({ code }) => code),
      [31_921],
    );
    assert.deepEqual(app.paths(), ['/voice', '/after']);
  });

  test('that nobody listens for is 31902', async () => {
    const elsewhere = await startApplication();
    app.on('/voice', connectTo(`${elsewhere.streamUrl}/stream`));
    await elsewhere.close();

    dial();
    const { ledger } = await phone.ended();

    assert.deepEqual(
      ledger.violations.map(({ code }) => code),
      [31_902],
    );
  });

  test('tells its callback when it starts and stops', async () => {
    app.on('/voice', connectTo(`${app.streamUrl}/stream`, ' statusCallback="/stream-status" name="main"'));

    const stream = await connected();
    stream.socket.close(1000);
    await phone.ended();

    const told = app.asked.filter(({ path }) => path === '/stream-status');
    assert.deepEqual(
      told.map(({ params, signed }) => [
        params['StreamEvent'],
        params['StreamName'],
        params['StreamSid'],
        signed,
      ]),
      ['stream-started', 'stream-stopped'].map((event) => [event, 'main', stream.streamSid(), true]),
    );
  });

  test('can be followed by another one, with an id of its own', async () => {
    const streams: StreamConnection[] = [];
    app.onStream((stream) => {
      streams.push(stream);
      void stream.next(({ event }) => event === 'start').then(() => stream.socket.close(1000));
    });
    let asked = 0;
    app.on('/after', () => {
      asked += 1;
      return asked === 1 ? connectTo(`${app.streamUrl}/again`) : twiml('<Hangup/>');
    });

    dial();
    const { ledger } = await phone.ended();

    assert.equal(streams.length, 2);
    assert.notEqual(streams[0]?.streamSid(), streams[1]?.streamSid());
    assert.equal(ledger.streams.length, 2);
    assert.equal(ledger.streamMinutes, 2);
  });

  for (const [what, url, attributes, code] of [
    ['not wss, on a host that is not this machine', 'ws://media.example.com/stream', '', 31_922],
    ['http', 'https://127.0.0.1/stream', '', 31_922],
    ['a query', 'wss://127.0.0.1:1/stream?token=1', '', 31_920],
    ['no address at all', 'wss://', '', 31_923],
    ['another track', 'wss://127.0.0.1:1/stream', ' track="both_tracks"', 31_941],
  ] as const)
    test(`with ${what} is not even tried (${code})`, async () => {
      app.on('/voice', connectTo(url, attributes));

      dial();
      const { ledger } = await phone.ended();

      assert.deepEqual(
        ledger.violations.map((violation) => violation.code),
        [code],
      );
      assert.deepEqual(app.paths(), ['/voice', '/after']);
    });

  test('takes parameters of 499 characters and refuses 500', async () => {
    const value = 'x'.repeat(494);
    app.on('/voice', connectTo(`${app.streamUrl}/s`, '', `<Parameter name="token" value="${value}"/>`));
    const stream = await connected();
    stream.socket.close(1000);
    await phone.ended();
    const other = await pickUpPhone(twilio.phoneUrl);
    app.on('/voice', connectTo(`${app.streamUrl}/s`, '', `<Parameter name="token" value="${value}y"/>`));

    other.send({ type: 'dial', from, to, voiceUrl: `${app.url}/voice` });
    const { ledger } = await other.ended();

    assert.match(ledger.violations[0]?.problem ?? '', /500 characters/);
  });

  test('can be made to break, to freeze and to fail, for tests of others', async () => {
    const stream = await connected();
    const callSid = app.asked[0]?.params['CallSid'] ?? '';

    assert.equal(twilio.faults.freezeStream(callSid), true);
    const frozenAt = stream.messages.length;
    await phone.heard(phone.frames.length + 5);
    assert.equal(stream.messages.length, frozenAt);
    assert.equal(twilio.faults.dropStream(callSid), true);
    await phone.ended();
    assert.equal(twilio.faults.dropStream(callSid), false);

    twilio.faults.refuseNextStreams(1, 31_901);
    const other = await pickUpPhone(twilio.phoneUrl);
    other.send({ type: 'dial', from, to, voiceUrl: `${app.url}/voice` });
    const { ledger } = await other.ended();
    assert.deepEqual(
      ledger.violations.map(({ code }) => code),
      [31_901],
    );
  });
});
