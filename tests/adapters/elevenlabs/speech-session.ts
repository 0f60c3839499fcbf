/** A session of the adapter on a strict speech service, and what a caller hears of it. */
import assert from 'node:assert/strict';
import {
  createElevenLabsTextToSpeech,
  type ElevenLabsTextToSpeechOptions,
} from '#adapters/elevenlabs/text-to-speech.ts';
import { createBoundedQueue } from '#core/async/bounded-queue.ts';
import { isProviderError } from '#core/errors.ts';
import { callSidSchema } from '#core/ids.ts';
import type { Speech, SpeechChunk, TextToSpeechSession } from '#core/ports/text-to-speech.ts';
import { impatientClock } from './clocks.ts';
import {
  type StrictSpeech,
  type StrictSpeechOptions,
  startStrictSpeech,
  textHeard,
} from './strict-speech.ts';

export const callSid = callSidSchema.parse(`CA${'0'.repeat(32)}`);

const cleanups: (() => unknown)[] = [];

/** For `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const clean of cleanups.splice(0).reverse()) await clean();
}

export async function start(options: StrictSpeechOptions = {}): Promise<StrictSpeech> {
  const service = await startStrictSpeech(options);
  cleanups.push(() => service.close());
  return service;
}

export function open(service: StrictSpeech, adapter: Partial<ElevenLabsTextToSpeechOptions> = {}) {
  const { apiKey, url: baseUrl } = service;
  const textToSpeech = createElevenLabsTextToSpeech({ apiKey, baseUrl, clock: impatientClock, ...adapter });
  const end = new AbortController();
  const session = textToSpeech.open({ callSid, voice: 'voice-1', signal: end.signal });
  cleanups.push(() => {
    end.abort();
    // With a clock that stands still nobody would stop waiting for a server that is gone.
    return adapter.clock ? undefined : session.close();
  });
  return { session, end };
}

export async function* pieces(...texts: string[]): AsyncIterable<string> {
  yield* texts;
}

/** A text whose pieces come when a test says so. */
export function writable() {
  const queue = createBoundedQueue<string>(100);
  return { text: queue, write: queue.push, end: queue.end };
}

export function speak(session: TextToSpeechSession, text: AsyncIterable<string>) {
  const cancel = new AbortController();
  const speech = session.speak(text, { signal: cancel.signal });
  return { speech, cancel, chunks: speech.chunks[Symbol.asyncIterator]() };
}

export async function rest(chunks: AsyncIterator<SpeechChunk>): Promise<SpeechChunk[]> {
  const read: SpeechChunk[] = [];
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) read.push(next.value);
  return read;
}

export const heard = (chunks: readonly SpeechChunk[]) =>
  textHeard(Buffer.concat(chunks.map(({ audio }) => audio)));

export const told = (chunks: readonly SpeechChunk[]) =>
  chunks.flatMap(({ alignment }) => alignment?.chars ?? []).join('');

export const listen = async (speech: Speech) => rest(speech.chunks[Symbol.asyncIterator]());

export const failsWith = (failure: string, code: string) => (error: unknown) => {
  assert.ok(isProviderError(error), String(error));
  assert.deepEqual([error.provider, error.failure, error.code], ['elevenlabs-tts', failure, code]);
  return true;
};
