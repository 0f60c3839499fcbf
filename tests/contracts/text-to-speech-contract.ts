import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createBoundedQueue } from '#core/async/bounded-queue.ts';
import { durationMs } from '#core/audio/mulaw.ts';
import { isProviderError } from '#core/errors.ts';
import { callSidSchema } from '#core/ids.ts';
import type { Speech, SpeechChunk, TextToSpeech, TextToSpeechSession } from '#core/ports/text-to-speech.ts';

/** A speech service behind a network, with what a test needs to know of it. */
export interface TextToSpeechSubject {
  readonly textToSpeech: TextToSpeech;
  /** The same service, with a key that it does not accept. */
  readonly refused: TextToSpeech;
  /** Breaks every connection. */
  cut(): void;
  /** Mistakes of ours that the service noticed. */
  violations(): readonly unknown[];
  /** Characters the service counts for billing. */
  billedCharacters(): number;
  close(): Promise<void>;
}

const callSid = callSidSchema.parse(`CA${'7'.repeat(32)}`);

/** Times of characters are a vendor's estimates: neighbours may overlap by so much. */
const overlapMs = 60;

async function* pieces(...texts: string[]): AsyncIterable<string> {
  yield* texts;
}

async function listen(speech: Speech): Promise<SpeechChunk[]> {
  const chunks: SpeechChunk[] = [];
  for await (const chunk of speech.chunks) chunks.push(chunk);
  return chunks;
}

const told = (chunks: readonly SpeechChunk[]) =>
  chunks
    .flatMap(({ alignment }) => alignment?.chars ?? [])
    .join('')
    .replace(/\s+/g, ' ')
    .trim();

const heardMs = (chunks: readonly SpeechChunk[]) =>
  chunks.reduce((sum, { audio }) => sum + durationMs(audio), 0);

/** What every speech service must do for its callers. */
export function describeTextToSpeechContract(
  name: string,
  makeSubject: () => Promise<TextToSpeechSubject>,
): void {
  describe(`${name} keeps the contract of a speech service`, () => {
    let subject: TextToSpeechSubject;
    let end: AbortController;

    beforeEach(async () => {
      subject = await makeSubject();
      end = new AbortController();
    });
    afterEach(async () => {
      end.abort();
      await subject.close();
    });

    const open = (textToSpeech = subject.textToSpeech) =>
      textToSpeech.open({ callSid, voice: '21m00Tcm4TlvDq8ikWAM', signal: end.signal });

    const speak = (session: TextToSpeechSession, text: AsyncIterable<string>) => {
      const cancel = new AbortController();
      return { cancel, speech: session.speak(text, { signal: cancel.signal }) };
    };

    test('the pieces of a reply are heard in order, to the last word', async () => {
      const { speech } = speak(open(), pieces('Good morning.', 'How are you?'));

      const chunks = await listen(speech);

      assert.equal(told(chunks), 'Good morning. How are you?');
      assert.ok(heardMs(chunks) > 0);
      assert.ok(chunks.every(({ audio }) => audio.length > 0));
      assert.deepEqual(subject.violations(), []);
    });

    test('each chunk tells when its own characters are heard', async () => {
      const chunks = await listen(speak(open(), pieces('One moment, please.')).speech);

      assert.ok(chunks.some(({ alignment }) => alignment));
      for (const { audio, alignment } of chunks) {
        if (!alignment) continue;
        const { chars, startMs, durationMs: lengthsMs } = alignment;
        assert.equal(startMs.length, chars.length);
        assert.equal(lengthsMs.length, chars.length);
        assert.ok(startMs.every((ms, index) => ms >= (startMs[index - 1] ?? 0) - overlapMs));
        // A last character may end in the next chunk, but each begins in its own.
        const lastStartMs = startMs.at(-1) ?? 0;
        assert.ok(lastStartMs <= durationMs(audio) + overlapMs, `${lastStartMs} of ${durationMs(audio)}`);
      }
    });

    test('a piece is heard while the next one is still being written', async () => {
      const text = createBoundedQueue<string>(10);
      const { speech } = speak(open(), text);
      const chunks = speech.chunks[Symbol.asyncIterator]();

      text.push('Let me look that up.');
      const first = await chunks.next();
      text.push('Here it is.');
      text.end();
      const rest: SpeechChunk[] = [];
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) rest.push(next.value);

      assert.equal(told([first.value, ...rest]), 'Let me look that up. Here it is.');
      assert.deepEqual(subject.violations(), []);
    });

    test('a reply without words ends without a sound', async () => {
      const { speech } = speak(open(), pieces());

      assert.deepEqual(await listen(speech), []);
      assert.equal(speech.charactersSent(), 0);
    });

    test('a cancelled reply ends, still tells what it cost, and the next one is heard whole', async () => {
      const session = open();
      const first = speak(session, pieces('This is a long answer that nobody wants to hear to its end.'));
      const chunks = first.speech.chunks[Symbol.asyncIterator]();
      await chunks.next();

      first.cancel.abort();
      const ended = await chunks.next();
      const second = speak(session, pieces('Yes, I am listening.'));
      const heard = await listen(second.speech);

      assert.equal(ended.done, true);
      assert.equal(first.speech.charactersSent(), 60);
      assert.equal(told(heard), 'Yes, I am listening.');
      assert.deepEqual(subject.violations(), []);
    });

    test('thirty replies cancelled in a row leave the session usable', async () => {
      const session = open();
      for (let n = 1; n <= 30; n += 1) {
        const { speech, cancel } = speak(session, pieces(`Answer number ${n}.`));
        // Half of them are cancelled before, half after their text was sent.
        if (n % 2) await nextTurn();
        cancel.abort();
        assert.deepEqual(await listen(speech), []);
      }

      const last = await listen(speak(session, pieces('And now the last one.')).speech);

      assert.equal(told(last), 'And now the last one.');
      assert.deepEqual(subject.violations(), []);
    });

    test('a connection that breaks is repaired, or the reply fails with a kind; the next one is heard', async () => {
      const session = open();
      const { speech } = speak(session, pieces('This sentence is cut somewhere in the middle of it.'));
      const heard: SpeechChunk[] = [];
      const listening = (async () => {
        for await (const chunk of speech.chunks) {
          if (heard.length === 0) subject.cut();
          heard.push(chunk);
        }
      })();

      const [outcome] = await Promise.allSettled([listening]);

      if (outcome.status === 'rejected') assert.ok(isProviderError(outcome.reason), String(outcome.reason));
      else assert.match(told(heard), /^This sentence is cut somewhere in the middle of it\.?$/);
      assert.equal(told(await listen(speak(session, pieces('Here I am.')).speech)), 'Here I am.');
      assert.deepEqual(subject.violations(), []);
    });

    test('what we count as sent is what the service counts', async () => {
      const session = open();
      const first = speak(session, pieces('Twenty-one characters', 'and some more.'));
      await listen(first.speech);
      const second = speak(session, pieces('Cancelled in the middle.'));
      const chunks = second.speech.chunks[Symbol.asyncIterator]();
      await chunks.next();
      second.cancel.abort();
      const third = speak(session, pieces('Done.'));
      await listen(third.speech);

      const sent = [first, second, third].reduce((sum, { speech }) => sum + speech.charactersSent(), 0);

      assert.equal(sent, subject.billedCharacters());
    });

    test('a text that fails ends its reply with that error, and the next one is heard', async () => {
      const session = open();
      const failure = new Error('the model failed');
      async function* failing() {
        yield 'I think that';
        throw failure;
      }

      await assert.rejects(listen(speak(session, failing()).speech), failure);
      assert.equal(told(await listen(speak(session, pieces('Excuse me.')).speech)), 'Excuse me.');
      assert.deepEqual(subject.violations(), []);
    });

    test('a key that is refused fails the reply', async () => {
      const { speech } = speak(open(subject.refused), pieces('Hello.'));

      await assert.rejects(listen(speech), (error) => {
        assert.ok(isProviderError(error), String(error));
        assert.equal(error.failure, 'refused');
        return true;
      });
    });

    test('the end of the session ends its replies', async () => {
      const session = open();
      const { speech } = speak(session, pieces('Good bye.'));
      const chunks = speech.chunks[Symbol.asyncIterator]();
      await chunks.next();

      end.abort();

      assert.equal((await chunks.next()).done, true);
      await session.close();
      assert.deepEqual(await listen(speak(session, pieces('Nobody hears this.')).speech), []);
    });
  });
}
