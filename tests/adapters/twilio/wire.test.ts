import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeClear, encodeMark, encodeMedia, parseStreamMessage } from '#adapters/twilio/wire.ts';
import { streamSidSchema } from '#core/ids.ts';
import { limits } from '#core/limits.ts';

const streamSid = streamSidSchema.parse(`MZ${'a'.repeat(32)}`);
const callSid = `CA${'b'.repeat(32)}`;
const accountSid = `AC${'c'.repeat(32)}`;
const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
const start = {
  event: 'start',
  sequenceNumber: '1',
  streamSid,
  start: {
    accountSid,
    streamSid,
    callSid,
    tracks: ['inbound'],
    mediaFormat,
    customParameters: { role: 'gal' },
  },
};
const media = (payload: unknown, track: unknown = 'inbound') => ({
  event: 'media',
  sequenceNumber: '4',
  streamSid,
  media: { track, chunk: '2', timestamp: '5', payload },
});

const read = (message: unknown) => parseStreamMessage(JSON.stringify(message));
const problemOf = (message: unknown) => {
  const parsed = read(message);
  return parsed.ok ? undefined : parsed.problem;
};
const audioOf = (payload: unknown) => {
  const parsed = read(media(payload));
  return parsed.ok && parsed.message.event === 'media' ? [...parsed.message.audio] : undefined;
};

describe('a message of a media stream', () => {
  test('names the call, the account and our own parameters at the start', () => {
    const parsed = read(start);

    assert.ok(parsed.ok && parsed.message.event === 'start');
    assert.equal(parsed.message.start.callSid, callSid);
    assert.equal(parsed.message.start.accountSid, accountSid);
    assert.deepEqual(parsed.message.start.customParameters, { role: 'gal' });
  });

  test('may begin a stream without parameters, or with its format written as strings', () => {
    const { customParameters: _, ...bare } = start.start;
    const asStrings = { ...mediaFormat, sampleRate: '8000', channels: '1' };

    assert.equal(problemOf({ ...start, start: bare }), undefined);
    assert.equal(problemOf({ ...start, start: { ...start.start, mediaFormat: asStrings } }), undefined);
  });

  test('begins nothing with a wrong id, a wrong format or two different streams in it', () => {
    const wrong: Record<string, unknown>[] = [
      { callSid: 'CA1' },
      { accountSid: undefined },
      { streamSid: `MZ${'f'.repeat(32)}` },
      { mediaFormat: { ...mediaFormat, encoding: 'audio/x-l16' } },
      { mediaFormat: { ...mediaFormat, sampleRate: 16_000 } },
      { mediaFormat: { ...mediaFormat, channels: 2 } },
      { mediaFormat: undefined },
      { customParameters: { role: 7 } },
    ];

    for (const change of wrong)
      assert.equal(
        problemOf({ ...start, start: { ...start.start, ...change } }),
        'malformed-start',
        JSON.stringify(change),
      );
  });

  test('keeps every sample of the audio in it, whatever its length', () => {
    for (const length of [1, 2, 3, 160, 161, 4_000]) {
      const samples = Array.from({ length }, (_, i) => (i * 31) & 0xff);

      assert.deepEqual(audioOf(Buffer.from(samples).toString('base64')), samples);
    }
  });

  test('holds audio of its own: a copy of a part is a copy', () => {
    const parsed = read(media(Buffer.from([1, 2, 3]).toString('base64')));
    assert.ok(parsed.ok && parsed.message.event === 'media');
    const { audio } = parsed.message;

    audio.slice(0, 1)[0] = 9;

    assert.equal(audio[0], 1);
  });

  test('is not heard when its audio is empty, not base64, or longer than any message may be', () => {
    const bad = [
      '',
      'abc',
      'ab=d',
      '=abc',
      '====',
      'ab c',
      'ab\ncd==',
      'a-_d',
      'ab.d',
      'äbcd',
      7,
      null,
      undefined,
    ];

    for (const payload of [...bad, 'A'.repeat(limits.streamMessageBytesMax + 4)])
      assert.equal(problemOf(media(payload)), 'malformed-media', String(payload).slice(0, 20));
    assert.equal(problemOf({ event: 'media', media: { payload: 'AAAA' } }), 'malformed-media');
    assert.equal(problemOf({ event: 'media', streamSid, media: null }), 'malformed-media');
  });

  test('of another track than the caller’s means nothing', () => {
    assert.deepEqual(read(media('AAAA', 'outbound')), { ok: true, message: { event: 'unknown' } });
  });

  test('tells a pressed key only when it is one', () => {
    const dtmf = (digit: unknown) => problemOf({ event: 'dtmf', streamSid, dtmf: { digit } });

    for (const digit of '0123456789*#ABCD') assert.equal(dtmf(digit), undefined);
    for (const digit of ['', '12', 'E', 5, undefined]) assert.equal(dtmf(digit), 'malformed-dtmf');
  });

  test('returns a mark by its name', () => {
    assert.deepEqual(read({ event: 'mark', streamSid, mark: { name: '3:1' } }), {
      ok: true,
      message: { event: 'mark', streamSid, name: '3:1' },
    });
    assert.equal(problemOf({ event: 'mark', streamSid, mark: {} }), 'malformed-mark');
  });

  test('stops the stream it names', () => {
    const stop = { event: 'stop', sequenceNumber: '5', streamSid, stop: { accountSid, callSid } };

    assert.deepEqual(read(stop), { ok: true, message: { event: 'stop', streamSid } });
    assert.equal(problemOf({ event: 'stop' }), 'malformed-stop');
  });

  test('of a kind that does not exist yet is no mistake', () => {
    assert.deepEqual(read({ event: 'weather', sky: 'blue' }), { ok: true, message: { event: 'unknown' } });
  });

  test('that is not one is named as such, and nothing of it is repeated', () => {
    for (const text of ['', '{', 'undefined', '\ud800', '{"event":'])
      assert.deepEqual(parseStreamMessage(text), { ok: false, problem: 'not-json' });
    for (const text of ['null', '7', '"media"', '[]', '{}', '{"event":7}', '{"event":null}'])
      assert.deepEqual(parseStreamMessage(text), { ok: false, problem: 'no-event' });
  });
});

describe('what we send', () => {
  test('is media with base64 of the raw samples, also from the middle of a larger buffer', () => {
    const part = Uint8Array.from([9, 1, 2, 3, 9]).subarray(1, 4);

    assert.deepEqual(JSON.parse(encodeMedia(streamSid, part)), {
      event: 'media',
      streamSid,
      media: { payload: Buffer.from([1, 2, 3]).toString('base64') },
    });
  });

  test('is a mark with its name as it is, and a clear', () => {
    assert.deepEqual(JSON.parse(encodeMark(streamSid, 'a "quoted" \\ name')), {
      event: 'mark',
      streamSid,
      mark: { name: 'a "quoted" \\ name' },
    });
    assert.deepEqual(JSON.parse(encodeClear(streamSid)), { event: 'clear', streamSid });
  });
});
