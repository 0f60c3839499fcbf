import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createTwilioMediaStream, mediaStreamLimits } from '#adapters/twilio/media-stream.ts';
import { frameBytes, silence } from '#core/audio/mulaw.ts';
import { accountSidSchema, callSidSchema, streamSidSchema } from '#core/ids.ts';
import { limits } from '#core/limits.ts';
import type { MediaStreamListener, StreamStart } from '#core/ports/media-stream.ts';
import { createManualClock, type ManualClock } from '#tests/adapters/anthropic/manual-clock.ts';
import { createRecordingListener } from './recording-listener.ts';
import { type MediaServer, startMediaServer } from './strict-media-peer.ts';

const start: StreamStart = {
  streamSid: streamSidSchema.parse(`MZ${'1'.repeat(32)}`),
  callSid: callSidSchema.parse(`CA${'2'.repeat(32)}`),
  accountSid: accountSidSchema.parse(`AC${'3'.repeat(32)}`),
  parameters: {},
};
const frame = silence(20);
const mediaOf = (streamSid: string, payload = Buffer.from(frame).toString('base64')) =>
  JSON.stringify({ event: 'media', streamSid, media: { track: 'inbound', payload } });

describe('a Twilio media stream', () => {
  let server: MediaServer;
  let clock: ManualClock;
  let problems: string[];

  beforeEach(async () => {
    server = await startMediaServer();
    clock = createManualClock();
    problems = [];
  });
  afterEach(() => server.close());

  const open = async (also: Partial<MediaStreamListener> = {}, bounds = {}) => {
    const { accepted, peer } = await server.call();
    const listener = createRecordingListener(also);
    const onFrameError = (problem: string) => void problems.push(problem);
    const stream = createTwilioMediaStream({
      socket: accepted,
      listener,
      clock,
      onFrameError,
      limits: bounds,
    });
    return { accepted, peer, listener, stream };
  };
  const openAndBegin = async (also: Partial<MediaStreamListener> = {}, bounds = {}) => {
    const opened = await open(also, bounds);
    opened.peer.begin(start);
    await opened.peer.settled();
    return opened;
  };

  describe('is given up', () => {
    test('when nobody starts it in time, however much is sent instead', async () => {
      const { peer, listener } = await open();
      peer.connect();
      peer.send(mediaOf(start.streamSid));
      await peer.settled();

      clock.advance(limits.streamStartTimeoutMs - 1);
      assert.deepEqual(listener.ends(), []);
      clock.advance(1);

      assert.deepEqual(listener.ends(), ['lost']);
      assert.equal(problems.at(-1), 'start-timeout');
      assert.equal(await peer.closed, 1008);
    });

    test('when the connection is only half there: nothing comes any more', async () => {
      const { peer, listener } = await openAndBegin();
      clock.advance(limits.streamIdleTimeoutMs - 1);
      peer.speak(frame);
      await peer.settled();

      clock.advance(limits.streamIdleTimeoutMs - 1);
      assert.deepEqual(listener.ends(), []);
      clock.advance(1);

      assert.deepEqual(listener.ends(), ['lost']);
      assert.equal(problems.at(-1), 'idle-timeout');
    });

    test('when the peer no longer reads and our words pile up', async () => {
      const { peer, listener, stream } = await openAndBegin();
      peer.socket.pause();

      const twoSeconds = silence(2_000);
      // Far more than the kernel's buffers take: the limit itself must end this.
      for (let played = 0; played < 2_000 && listener.ends().length === 0; played += 1)
        stream.play(twoSeconds);

      assert.deepEqual(listener.ends(), ['lost']);
      assert.deepEqual(problems, ['unsent-backlog']);
    });

    test('when a message is larger than the server reads', async () => {
      const { peer, listener } = await openAndBegin();

      peer.send('x'.repeat(limits.streamMessageBytesMax + 1));

      assert.equal(await peer.closed, 1009);
      assert.equal(await listener.ended, 'lost');
      assert.deepEqual(problems, ['oversize-message']);
    });

    test('when the peer sends bytes where the protocol has text', async () => {
      const { peer, listener } = await openAndBegin();

      peer.send(frame);

      assert.equal(await peer.closed, 1003);
      assert.equal(await listener.ended, 'lost');
      assert.deepEqual(problems, ['binary-message']);
    });

    test('when the peer breaks the rules of the WebSocket', async () => {
      const { peer, listener } = await openAndBegin();

      peer.socket.send(Buffer.from([0xc3, 0x28]), { binary: false });

      assert.equal(await peer.closed, 1007);
      assert.equal(await listener.ended, 'lost');
      assert.deepEqual(problems, ['unreadable-frame']);
    });

    test('after a second of messages that cannot be used', async () => {
      const { peer, listener } = await openAndBegin();

      for (let sent = 0; sent < mediaStreamLimits.unusableInARowMax; sent += 1) peer.send('{"event":');

      assert.equal(await peer.closed, 1008);
      assert.equal(await listener.ended, 'lost');
      assert.equal(problems.length, mediaStreamLimits.unusableInARowMax + 1);
      assert.equal(problems.at(-1), 'too-many-unusable-messages');
    });

    test('when it was over before anybody listened to it', async () => {
      const { accepted, peer } = await server.call();
      peer.socket.close();
      await once(accepted, 'close');
      const listener = createRecordingListener();

      createTwilioMediaStream({ socket: accepted, listener, clock });

      assert.deepEqual(listener.ends(), []);
      assert.equal(await listener.ended, 'lost');
    });

    test('when our own code fails, and only then: other calls go on', async () => {
      const failing = await openAndBegin({
        onMedia() {
          throw new Error('a mistake');
        },
      });
      const healthy = await openAndBegin();

      failing.peer.speak(frame);
      healthy.peer.speak(frame);
      const code = await failing.peer.closed;
      await healthy.peer.settled();

      assert.equal(code, 1011);
      assert.deepEqual(failing.listener.ends(), ['lost']);
      assert.deepEqual(problems, ['listener-failed']);
      assert.equal(healthy.listener.events.at(-1)?.type, 'media');
    });
  });

  describe('goes on', () => {
    test('through bad messages with good ones between them', async () => {
      const { peer, listener } = await openAndBegin();

      for (let sent = 0; sent < 3 * mediaStreamLimits.unusableInARowMax; sent += 1) {
        peer.send('nonsense');
        if (sent % 10 === 0) peer.speak(frame);
      }
      await peer.settled();

      assert.deepEqual(listener.ends(), []);
      assert.equal(problems.length, 3 * mediaStreamLimits.unusableInARowMax);
    });

    test('past events it does not know', async () => {
      const { peer, listener } = await openAndBegin();

      peer.send('{"event":"weather","streamSid":"MZ","weather":{"sky":"blue"}}');
      peer.speak(frame);
      await peer.settled();

      assert.equal(listener.events.length, 2);
      assert.deepEqual(problems, []);
    });

    test('when a start comes that nothing announced', async () => {
      const { peer, listener } = await open();

      peer.start(start);
      await peer.settled();

      assert.equal(listener.events[0]?.type, 'start');
      assert.deepEqual(problems, ['out-of-order']);
    });
  });

  test('lets a caller hear and say nothing of another stream', async () => {
    const { peer, listener } = await openAndBegin();

    const another = `MZ${'9'.repeat(32)}`;
    peer.send(mediaOf(another));
    peer.send(JSON.stringify({ event: 'mark', streamSid: another, mark: { name: 'm' } }));
    peer.send(JSON.stringify({ event: 'stop', streamSid: another }));
    await peer.settled();

    assert.equal(listener.events.length, 1);
    assert.deepEqual(problems, ['other-stream', 'other-stream', 'other-stream']);
  });

  test('tells nothing before its start, and starts once', async () => {
    const { peer, listener } = await open();
    peer.connect();
    peer.send(mediaOf(start.streamSid));
    peer.start(start);
    peer.start({ ...start, streamSid: streamSidSchema.parse(`MZ${'9'.repeat(32)}`) });
    peer.connect();
    await peer.settled();

    assert.deepEqual(listener.events, [{ type: 'start', start }]);
    assert.deepEqual(problems, ['out-of-order', 'out-of-order', 'out-of-order']);
  });

  test('refuses a start in another audio format, and takes the right one after it', async () => {
    const { peer, listener } = await open();
    peer.connect();
    peer.start(start, { mediaFormat: { encoding: 'audio/x-l16', sampleRate: 16000, channels: 1 } });
    peer.start(start);
    await peer.settled();

    assert.equal(listener.events.length, 1);
    assert.deepEqual(problems, ['malformed-start']);
  });

  test('closes with a code that tells a refused call from a finished one', async () => {
    const done = await openAndBegin();
    const refused = await openAndBegin();

    done.stream.close();
    refused.stream.close('refused');

    assert.equal(await done.peer.closed, 1000);
    assert.equal(await refused.peer.closed, 1008);
  });

  test('is over as closed even when the other side never answers our close', async () => {
    const { peer, listener, stream } = await openAndBegin();
    peer.socket.pause();

    stream.close();
    assert.deepEqual(listener.ends(), []);
    clock.advance(mediaStreamLimits.closeTimeoutMs);

    assert.equal(await listener.ended, 'closed');
  });

  test('may be closed by its listener in the middle of being told', async () => {
    let close: () => void = () => assert.fail('told before it was there');
    const { peer, listener, stream } = await open({ onStart: () => close() });
    close = () => stream.close();

    peer.begin(start);
    peer.speak(frame);
    await listener.ended;

    assert.deepEqual(
      listener.events.map(({ type }) => type),
      ['start', 'end'],
    );
  });

  test('leaves no timer behind', async () => {
    const stopped = await openAndBegin();
    const closed = await openAndBegin();
    const cut = await openAndBegin();

    stopped.peer.hangUp();
    closed.stream.close();
    cut.peer.socket.terminate();
    await Promise.all([stopped, closed, cut].map(({ listener }) => listener.ended));
    await clock.noTimers();

    assert.equal(clock.timersSet(), 0);
  });

  test('sends text only, a frame in one small message', async () => {
    const { peer, stream } = await openAndBegin();
    const sizes: number[] = [];
    peer.socket.on('message', (data, isBinary) => {
      assert.equal(isBinary, false);
      sizes.push(data.toString().length);
    });

    stream.play(frame);
    await peer.settled();

    assert.equal(sizes.length, 1);
    assert.ok((sizes[0] ?? 0) < 2 * frameBytes, `${sizes[0]} characters for a frame`);
  });
});
