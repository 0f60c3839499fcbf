import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { frameBytes, type MulawAudio } from '#core/audio/mulaw.ts';
import { accountSidSchema, callSidSchema, streamSidSchema } from '#core/ids.ts';
import type { MediaStream, MediaStreamListener, StreamStart } from '#core/ports/media-stream.ts';
import {
  createRecordingListener,
  type RecordingListener,
} from '#tests/adapters/twilio/recording-listener.ts';

/** The other end of a stream: the phone network with a caller behind it. */
export interface Phone {
  begin(start: StreamStart): void;
  speak(audio: MulawAudio): void;
  press(digit: string): void;
  hangUp(): void;
  /** Breaks the connection. */
  cut(): void;
  /** The caller hears everything queued; the marks in it go back. */
  listen(): void;
  /** All the caller has heard. */
  heard(): Uint8Array;
  /** Resolves when everything sent by either side so far was handled. */
  settled(): Promise<void>;
  /** Resolves when the phone side knows that the stream is over. */
  readonly closed: Promise<unknown>;
  /** Mistakes of ours that the phone side noticed. */
  violations(): readonly string[];
}

export interface MediaStreamSubject {
  /** Opens one stream, not yet begun. */
  open(listener: MediaStreamListener): Promise<{ readonly stream: MediaStream; readonly phone: Phone }>;
  close(): Promise<void>;
}

const start: StreamStart = {
  streamSid: streamSidSchema.parse(`MZ${'5'.repeat(32)}`),
  callSid: callSidSchema.parse(`CA${'6'.repeat(32)}`),
  accountSid: accountSidSchema.parse(`AC${'7'.repeat(32)}`),
  parameters: { token: 'a.b+c/d=', role: 'parent' },
};

const audio = (first: number, bytes: number): MulawAudio =>
  Uint8Array.from({ length: bytes }, (_, i) => (first + i * 7) & 0xff);
const joined = (...parts: readonly MulawAudio[]) => new Uint8Array(Buffer.concat(parts));

/** What every phone side must do for the call that runs on it. */
export function describeMediaStreamContract(
  name: string,
  makeSubject: () => Promise<MediaStreamSubject>,
): void {
  describe(`${name} keeps the contract of a media stream`, () => {
    let subject: MediaStreamSubject;
    let listener: RecordingListener;
    let stream: MediaStream;
    let phone: Phone;

    beforeEach(async () => {
      subject = await makeSubject();
      listener = createRecordingListener();
      ({ stream, phone } = await subject.open(listener));
    });
    afterEach(async () => {
      assert.deepEqual(phone.violations(), []);
      await subject.close();
      await listener.ended;
      assert.equal(listener.ends().length, 1);
    });
    const begun = async () => {
      phone.begin(start);
      await phone.settled();
    };

    test('the stream says once whose call it is and what our own answer promised', async () => {
      await begun();

      assert.deepEqual(listener.events, [{ type: 'start', start }]);
    });

    test('the caller’s audio arrives unchanged and in order, whatever its length', async () => {
      const spoken = [audio(1, frameBytes), audio(2, 1), audio(3, 4_000), audio(0xff, frameBytes)];
      await begun();

      for (const part of spoken) phone.speak(part);
      await phone.settled();

      const told = listener.events.flatMap((event) => (event.type === 'media' ? [event.audio] : []));
      assert.deepEqual(
        told,
        spoken.map((part) => [...part]),
      );
    });

    test('the caller hears what is played, byte for byte and in order, whatever its length', async () => {
      const played = [audio(1, frameBytes), audio(2, 1), audio(3, 40_000), audio(4, 799)];
      await begun();

      for (const part of played) stream.play(part);
      await phone.settled();
      phone.listen();

      assert.deepEqual(phone.heard(), joined(...played));
    });

    test('the caller hears audio as it was when it was played, whatever becomes of the buffer', async () => {
      const buffer = audio(1, frameBytes);
      await begun();

      stream.play(buffer);
      buffer.fill(0);
      await phone.settled();
      phone.listen();

      assert.deepEqual(phone.heard(), audio(1, frameBytes));
    });

    test('a mark comes back when the caller has heard everything before it, not earlier', async () => {
      await begun();

      stream.play(audio(1, frameBytes));
      stream.mark('1:"first"');
      stream.play(audio(2, frameBytes));
      stream.mark('1:second');
      await phone.settled();
      const before = listener.marks();
      phone.listen();
      await phone.settled();

      assert.deepEqual(before, []);
      assert.deepEqual(listener.marks(), ['1:"first"', '1:second']);
    });

    test('a mark with nothing before it comes back at once', async () => {
      await begun();

      stream.mark('alone');
      await phone.settled();

      assert.deepEqual(listener.marks(), ['alone']);
    });

    test('after a clear the caller hears only what is played from then on, and the marks come back', async () => {
      await begun();

      stream.play(audio(1, frameBytes));
      stream.mark('dropped');
      stream.clear();
      stream.play(audio(2, frameBytes));
      await phone.settled();
      phone.listen();

      assert.deepEqual(listener.marks(), ['dropped']);
      assert.deepEqual(phone.heard(), audio(2, frameBytes));
    });

    test('the keys the caller presses arrive in order', async () => {
      await begun();

      for (const digit of ['0', '9', '*', '#']) phone.press(digit);
      await phone.settled();

      const digits = listener.events.flatMap((event) => (event.type === 'dtmf' ? [event.digit] : []));
      assert.deepEqual(digits, ['0', '9', '*', '#']);
    });

    test('a caller who hangs up ends the stream once, as stopped', async () => {
      await begun();

      phone.hangUp();
      await Promise.all([listener.ended, phone.closed]);

      assert.deepEqual(listener.ends(), ['stopped']);
    });

    test('a lost connection ends the stream once, as lost', async () => {
      await begun();

      phone.cut();
      await Promise.all([listener.ended, phone.closed]);

      assert.deepEqual(listener.ends(), ['lost']);
    });

    test('closing ends the stream once, as closed, and the phone side knows', async () => {
      await begun();

      stream.close();
      stream.close();
      await Promise.all([listener.ended, phone.closed]);

      assert.deepEqual(listener.ends(), ['closed']);
    });

    test('what the caller says after we closed is not told', async () => {
      await begun();

      stream.close();
      phone.speak(audio(1, frameBytes));
      phone.press('1');
      await Promise.all([listener.ended, phone.closed]);

      assert.deepEqual(
        listener.events.map(({ type }) => type),
        ['start', 'end'],
      );
    });

    test('a stream may be closed as refused before anything is played', async () => {
      await begun();

      stream.close('refused');
      await phone.closed;

      assert.equal(await listener.ended, 'closed');
      assert.equal(phone.heard().length, 0);
    });

    test('after the end nothing is sent and nothing breaks', async () => {
      await begun();
      phone.hangUp();
      await listener.ended;

      stream.play(audio(1, frameBytes));
      stream.mark('late');
      stream.clear();
      stream.close();
      await phone.closed;
      phone.listen();

      assert.equal(phone.heard().length, 0);
      assert.deepEqual(listener.ends(), ['stopped']);
    });

    test('nothing is sent before the stream has begun, nor for audio without a sample', async () => {
      stream.play(audio(1, frameBytes));
      stream.mark('early');
      stream.clear();
      await begun();
      stream.play(new Uint8Array());
      await phone.settled();
      phone.listen();
      await phone.settled();

      assert.equal(phone.heard().length, 0);
      assert.deepEqual(listener.marks(), []);
    });
  });
}
