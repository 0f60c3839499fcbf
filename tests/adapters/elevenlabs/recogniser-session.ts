/** A session of the adapter on a strict recogniser, and what is told of a caller. */
import assert from 'node:assert/strict';
import {
  createElevenLabsSpeechToText,
  type ElevenLabsSpeechToTextOptions,
} from '#adapters/elevenlabs/speech-to-text.ts';
import { isProviderError } from '#core/errors.ts';
import { callSidSchema } from '#core/ids.ts';
import type { SpeechToTextOptions, SpeechToTextSession } from '#core/ports/speech-to-text.ts';
import { impatientClock } from './clocks.ts';
import {
  type RecogniserConnection,
  type StrictRecogniser,
  type StrictRecogniserOptions,
  startStrictRecogniser,
} from './strict-recogniser.ts';
import { readTranscript } from './transcript-reader.ts';

export const callSid = callSidSchema.parse(`CA${'0'.repeat(32)}`);

const cleanups: (() => unknown)[] = [];

/** For `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const clean of cleanups.splice(0).reverse()) await clean();
}

export async function start(options: StrictRecogniserOptions = {}): Promise<StrictRecogniser> {
  const recogniser = await startStrictRecogniser(options);
  cleanups.push(() => recogniser.close());
  return recogniser;
}

export interface OpenOptions {
  readonly adapter?: Partial<ElevenLabsSpeechToTextOptions>;
  readonly session?: Partial<SpeechToTextOptions>;
}

export function open(recogniser: StrictRecogniser, { adapter, session }: OpenOptions = {}) {
  const { apiKey, url: baseUrl } = recogniser;
  const speechToText = createElevenLabsSpeechToText({ apiKey, baseUrl, clock: impatientClock, ...adapter });
  const end = new AbortController();
  const opened = speechToText.open({ callSid, languageCode: 'en', signal: end.signal, ...session });
  cleanups.push(() => opened.close());
  return { session: opened, transcript: readTranscript(opened), end };
}

/** As the phone side delivers it: 20 ms at a time. */
export function writeFrames(session: SpeechToTextSession, audio: Uint8Array) {
  for (let at = 0; at < audio.length; at += 160) session.write(audio.subarray(at, at + 160));
}

export const failureOf = (error: unknown) => {
  assert.ok(isProviderError(error), String(error));
  assert.equal(error.provider, 'elevenlabs-stt');
  return { failure: error.failure, code: error.code };
};

export const chunkMs = (connection: { chunks: readonly { ms: number }[] }) =>
  connection.chunks.map(({ ms }) => ms);

export const heardMs = (connection: RecogniserConnection | undefined) =>
  (connection?.chunks ?? []).reduce((sum, { ms }) => sum + ms, 0);
