import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { WebSocket } from 'ws';
import { systemClock } from '#adapters/system-clock/clock.ts';
import { createTwilioMediaStream } from '#adapters/twilio/media-stream.ts';
import { accountSidSchema, callSidSchema, streamSidSchema } from '#core/ids.ts';
import { createRandom, type Random } from '#tests/support/random.ts';
import { createRecordingListener } from './recording-listener.ts';
import { type MediaServer, startMediaServer } from './strict-media-peer.ts';

const start = {
  streamSid: streamSidSchema.parse(`MZ${'1'.repeat(32)}`),
  callSid: callSidSchema.parse(`CA${'2'.repeat(32)}`),
  accountSid: accountSidSchema.parse(`AC${'3'.repeat(32)}`),
  parameters: {},
};
const { streamSid } = start;

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
  (text, random) => text.slice(0, random.whole(0, text.length - 1)),
  (text, random) => {
    const at = random.whole(0, text.length - 1);
    return text.slice(0, at) + String.fromCharCode(random.whole(0, 0xd7ff)) + text.slice(at + 1);
  },
  // One value becomes another one, of another type as a rule.
  (text, random) => {
    const values = [...text.matchAll(/:("[^"]*"|\{[^{}]*\})/g)];
    const { index, 0: chosen } = random.pick(values);
    return `${text.slice(0, index)}:${random.pick(oddValues)}${text.slice(index + chosen.length)}`;
  },
  (text, random) => text.replaceAll('"', random.pick(["'", '', '""'])),
  (_, random) => '['.repeat(random.whole(0, 4_999)),
  (_, random) =>
    Buffer.from(Array.from({ length: random.whole(0, 199) }, () => random.whole(0, 127))).toString(),
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
      if (random.whole(0, 3) > 0) peer.begin(start);

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
      tcp.write(Buffer.from(Array.from({ length: 500 }, () => random.whole(0, 255))));
      tcp.end();
      await over;

      assert.deepEqual(listener.ends(), ['lost'], `seed ${seed}`);
    }
  });
});
