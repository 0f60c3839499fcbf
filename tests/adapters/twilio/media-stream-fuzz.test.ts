import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { WebSocket } from 'ws';
import { systemClock } from '#adapters/system-clock/clock.ts';
import { createTwilioMediaStream } from '#adapters/twilio/media-stream.ts';
import { accountSidSchema, callSidSchema, streamSidSchema } from '#core/ids.ts';
import { createRecordingListener } from './recording-listener.ts';
import { type MediaServer, startMediaServer } from './strict-media-peer.ts';

const start = {
  streamSid: streamSidSchema.parse(`MZ${'1'.repeat(32)}`),
  callSid: callSidSchema.parse(`CA${'2'.repeat(32)}`),
  accountSid: accountSidSchema.parse(`AC${'3'.repeat(32)}`),
  parameters: {},
};
const { streamSid } = start;

/** Mulberry32: the same numbers on every run, so that a failure can be repeated. */
function createRandom(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (max: number) => Math.floor(next() * max);
  return { below, pick: <T>(items: readonly T[]): T => items[below(items.length)] as T };
}
type Random = ReturnType<typeof createRandom>;

const valid = [
  '{"event":"connected","protocol":"Call","version":"1.0.0"}',
  JSON.stringify({ event: 'media', streamSid, media: { track: 'inbound', payload: '//8A/w==' } }),
  JSON.stringify({ event: 'mark', streamSid, mark: { name: '1:1' } }),
  JSON.stringify({ event: 'dtmf', streamSid, dtmf: { track: 'inbound_track', digit: '1' } }),
  JSON.stringify({ event: 'stop', streamSid, stop: {} }),
  JSON.stringify({ event: 'start', streamSid, start: { ...start, mediaFormat: {} } }),
];
const oddValues = ['null', '0', '-1e999', '""', '[]', '{}', '"\\u0000"', '{"__proto__":{"x":1}}', 'true'];

const mutations: readonly ((text: string, random: Random) => string)[] = [
  (text) => text,
  (text, random) => text.slice(0, random.below(text.length)),
  (text, random) => {
    const at = random.below(text.length);
    return text.slice(0, at) + String.fromCharCode(random.below(0xd800)) + text.slice(at + 1);
  },
  // One value becomes another one, of another type as a rule.
  (text, random) => {
    const values = [...text.matchAll(/:("[^"]*"|\{[^{}]*\})/g)];
    const { index, 0: chosen } = random.pick(values);
    return `${text.slice(0, index)}:${random.pick(oddValues)}${text.slice(index + chosen.length)}`;
  },
  (text, random) => text.replaceAll('"', random.pick(["'", '', '""'])),
  (_, random) => '['.repeat(random.below(5_000)),
  (_, random) => Buffer.from(Array.from({ length: random.below(200) }, () => random.below(128))).toString(),
];

/** Unlike `once`, does not mind the errors that come before. */
const closeOf = (socket: WebSocket) => new Promise((resolve) => void socket.once('close', resolve));

describe('whatever bytes arrive on a media stream', { timeout: 20_000 }, () => {
  let server: MediaServer;
  before(async () => {
    server = await startMediaServer();
  });
  after(() => server.close());

  const open = async () => {
    const { accepted, peer } = await server.call();
    const listener = createRecordingListener();
    createTwilioMediaStream({ socket: accepted, listener, clock: systemClock });
    return { accepted, peer, listener };
  };

  test('nothing is thrown, and the stream ends once: 2,000 messages on 50 streams', async () => {
    const problems: string[] = [];
    for (let seed = 1; seed <= 50; seed += 1) {
      const random = createRandom(seed);
      const { accepted, peer, listener } = await open();
      const over = closeOf(accepted);
      if (random.below(4) > 0) peer.begin(start);

      for (let sent = 0; sent < 40; sent += 1)
        peer.send(random.pick(mutations)(random.pick(valid), random) || ' ');
      peer.socket.close();
      await over;

      const ends = listener.events.filter(({ type }) => type === 'end');
      if (ends.length !== 1 || listener.events.at(-1)?.type !== 'end')
        problems.push(`seed ${seed}: ${listener.events.map(({ type }) => type)}`);
    }

    assert.deepEqual(problems, []);
  });

  test('broken WebSocket frames end the stream once, as lost', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = createRandom(seed);
      const { accepted, peer, listener } = await open();
      const over = closeOf(accepted);
      peer.begin(start);
      await peer.settled();

      const tcp = Reflect.get(peer.socket, '_socket') as Socket;
      tcp.write(Buffer.from(Array.from({ length: 500 }, () => random.below(256))));
      tcp.end();
      await over;

      assert.deepEqual(listener.ends(), ['lost'], `seed ${seed}`);
    }
  });
});
