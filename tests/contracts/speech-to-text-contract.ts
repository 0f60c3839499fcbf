import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { durationMs, frameBytes, type MulawAudio, silence } from '#core/audio/mulaw.ts';
import { isProviderError } from '#core/errors.ts';
import { callSidSchema } from '#core/ids.ts';
import type { SpeechToText, SpeechToTextSession, TranscriptEvent } from '#core/ports/speech-to-text.ts';
import { readTranscript } from '#tests/adapters/elevenlabs/transcript-reader.ts';

/** A recogniser behind a network, with what a test needs to know of it. */
export interface SpeechToTextSubject {
  readonly speechToText: SpeechToText;
  /** The same recogniser, with a key that it does not accept. */
  readonly refused: SpeechToText;
  /** Audio of a few words that no other utterance shares, and the text it is recognised as. */
  utterance(): Promise<{ readonly audio: MulawAudio; readonly text: string }>;
  /** Breaks every connection. */
  cut(): void;
  /** Connections asked for so far. */
  connections(): number;
  /** Mistakes of ours that the recogniser noticed. */
  violations(): readonly unknown[];
  /** Milliseconds of audio the recogniser counts for billing. */
  billedMs(): number;
  close(): Promise<void>;
}

const callSid = callSidSchema.parse(`CA${'7'.repeat(32)}`);

function writeFrames(session: SpeechToTextSession, audio: MulawAudio) {
  for (let at = 0; at < audio.length; at += frameBytes) session.write(audio.subarray(at, at + frameBytes));
}

const texts = (events: readonly TranscriptEvent[], type: 'interim' | 'committed') =>
  events.filter((event) => event.type === type).map((event) => ('text' in event ? event.text : ''));

/** What every recogniser must do for its callers. */
export function describeSpeechToTextContract(
  name: string,
  makeSubject: () => Promise<SpeechToTextSubject>,
): void {
  describe(`${name} keeps the contract of a recogniser`, () => {
    let subject: SpeechToTextSubject;
    let end: AbortController;

    beforeEach(async () => {
      subject = await makeSubject();
      end = new AbortController();
    });
    afterEach(async () => {
      end.abort();
      await subject.close();
    });

    const open = (speechToText = subject.speechToText) => {
      const session = speechToText.open({ callSid, languageCode: 'en', signal: end.signal });
      return { session, transcript: readTranscript(session) };
    };

    test('a caller is recognised word by word, and then for good', async () => {
      const { audio, text } = await subject.utterance();
      const { session, transcript } = open();

      assert.deepEqual(await transcript.next(), { type: 'ready' });
      writeFrames(session, audio);
      writeFrames(session, silence(400));
      await transcript.nextOf('interim');
      session.commit();
      const committed = await transcript.nextOf('committed');

      assert.equal(committed.text, text);
      assert.ok(texts(transcript.events, 'interim').every((interim) => interim !== ''));
      assert.deepEqual(subject.violations(), []);
    });

    test('nothing said before the session is ready is lost', async () => {
      const { audio, text } = await subject.utterance();
      const { session, transcript } = open();

      writeFrames(session, audio);
      writeFrames(session, silence(400));
      session.commit();

      assert.equal((await transcript.nextOf('committed')).text, text);
      assert.deepEqual(subject.violations(), []);
    });

    test('every commit is answered, in order, also when there was nothing to recognise', async () => {
      const first = await subject.utterance();
      const second = await subject.utterance();
      const { session, transcript } = open();

      session.commit();
      for (const { audio } of [first, second]) {
        writeFrames(session, audio);
        writeFrames(session, silence(400));
        session.commit();
        session.commit();
      }
      for (let n = 0; n < 5; n += 1) await transcript.nextOf('committed');

      assert.deepEqual(texts(transcript.events, 'committed'), ['', first.text, '', second.text, '']);
      assert.deepEqual(subject.violations(), []);
    });

    test('a commit of silence is answered with no words', async () => {
      const { session, transcript } = open();

      writeFrames(session, silence(500));
      session.commit();

      assert.deepEqual(await transcript.nextOf('committed'), { type: 'committed', text: '' });
      assert.deepEqual(subject.violations(), []);
    });

    test('a commit right after the first frame is answered', async () => {
      const { session, transcript } = open();

      writeFrames(session, silence(20));
      session.commit();

      await transcript.nextOf('committed');
      assert.deepEqual(subject.violations(), []);
    });

    test('a connection that breaks in the middle of an utterance costs no word', async () => {
      const { audio, text } = await subject.utterance();
      const { session, transcript } = open();
      await transcript.nextOf('ready');
      const half = Math.floor(audio.length / frameBytes / 2) * frameBytes;

      writeFrames(session, audio.subarray(0, half));
      await transcript.nextOf('interim');
      subject.cut();
      const { error } = await transcript.nextOf('interrupted');
      writeFrames(session, audio.subarray(half));
      writeFrames(session, silence(400));
      session.commit();
      const committed = await transcript.nextOf('committed');

      assert.ok(isProviderError(error) && error.retryable);
      assert.equal(committed.text, text);
      assert.equal(transcript.events.filter(({ type }) => type === 'ready').length, 2);
      assert.deepEqual(subject.violations(), []);
    });

    test('what we count as sent is what the recogniser counts', async () => {
      const { audio } = await subject.utterance();
      const { session, transcript } = open();

      writeFrames(session, audio);
      session.commit();
      await transcript.nextOf('committed');

      assert.ok(session.audioSentMs() >= durationMs(audio));
      assert.equal(subject.billedMs(), session.audioSentMs());
    });

    test('an aborted session ends its events and takes nothing more', async () => {
      const { session, transcript } = open();
      await transcript.nextOf('ready');

      end.abort();
      writeFrames(session, silence(500));
      session.commit();

      assert.deepEqual(await transcript.rest(), []);
      assert.equal(session.audioSentMs(), 0);
      await session.close();
    });

    test('a closed session ends its events', async () => {
      const { session, transcript } = open();
      await transcript.nextOf('ready');

      await session.close();

      assert.deepEqual(await transcript.rest(), []);
    });

    test('a key that is refused ends the session, and is not tried again', async () => {
      const { transcript } = open(subject.refused);

      await assert.rejects(transcript.rest(), (error) => {
        assert.ok(isProviderError(error), String(error));
        assert.equal(error.failure, 'refused');
        return true;
      });
      assert.equal(subject.connections(), 1);
    });
  });
}
