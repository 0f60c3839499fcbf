/**
 * A voice without any account: what simulated callers say, and what the simulated speech service says. English, one
 * voice, the same audio for the same text every time. Not part of the product.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { MulawAudio } from '#core/audio/mulaw.ts';
import { audioKey, createAudioCache } from './audio-cache.ts';
import { findSpeechInMulaw } from './loudness.ts';
import type { SpeakJob, SpeakOutcome } from './synthesiser-worker.ts';
import { type TimedWord, timeWords } from './word-times.ts';

export type { TimedWord } from './word-times.ts';

/** Sentences waiting for the one voice; at about 30 ms each, a minute and a half of work. */
const jobsMax = 3_000;
/** Longer texts are refused: the speech service takes 40 000 characters at once. */
const textCharsMax = 40_000;
const speedMin = 0.5;
const speedMax = 2;

export interface SpokenText {
  /** µ-law 8 kHz in whole frames of 160 bytes, without silence before and after; empty when there is nothing to say. */
  readonly audio: MulawAudio;
  /** Estimated, see `timeWords`. */
  readonly words: readonly TimedWord[];
}

export interface Synthesiser {
  /**
   * The audio is shared with later calls for the same text: read it, do not change it.
   * Throws `RangeError` for a text or speed out of bounds, `Error` when closed or when the worker failed.
   * @param options.speed 1 is the voice's own pace
   */
  speak(text: string, options?: { readonly speed?: number }): Promise<SpokenText>;
  close(): Promise<void>;
}

/** The worker with its open jobs. It keeps the process alive only while there are some. */
function startVoice(scratchDir: string) {
  const worker = new Worker(new URL('./synthesiser-worker.ts', import.meta.url), {
    workerData: { scratchDir },
    // Node calls its WASI experimental on every start.
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const jobs = new Map<number, PromiseWithResolvers<MulawAudio>>();
  let lastId = 0;
  let ended: Error | undefined;
  worker.unref();

  const end = (error: Error) => {
    ended ??= error;
    for (const job of jobs.values()) job.reject(error);
    jobs.clear();
  };
  worker.on('error', (cause) => end(new Error('The synthesiser failed', { cause })));
  worker.on('exit', () => end(new Error('The synthesiser has ended')));
  worker.on('message', (outcome: SpeakOutcome) => {
    const job = jobs.get(outcome.id);
    jobs.delete(outcome.id);
    if (jobs.size === 0) worker.unref();
    if ('audio' in outcome) job?.resolve(outcome.audio);
    else job?.reject(new Error(`The synthesiser could not speak: ${outcome.error}`));
  });

  return {
    speak(text: string, speed: number): Promise<MulawAudio> {
      if (ended) return Promise.reject(ended);
      if (jobs.size >= jobsMax) return Promise.reject(new RangeError('Too many texts wait to be spoken'));
      const job = Promise.withResolvers<MulawAudio>();
      lastId += 1;
      jobs.set(lastId, job);
      worker.ref();
      worker.postMessage({ id: lastId, text, speed } satisfies SpeakJob);
      return job.promise;
    },
    async close() {
      end(new Error('The synthesiser is closed'));
      await worker.terminate();
    },
  };
}

/** @param options.cacheDir keeps audio between runs; without it each process speaks anew. */
export async function createSynthesiser(options: { readonly cacheDir?: string } = {}): Promise<Synthesiser> {
  const cache = createAudioCache(options.cacheDir);
  const scratchDir = await mkdtemp(path.join(tmpdir(), 'voice-center-speech-'));
  const voice = startVoice(scratchDir);
  const underWay = new Map<string, Promise<MulawAudio>>();

  const speakAnew = async (key: string, text: string, speed: number) => {
    const known = await cache.find(key);
    if (known) return known;
    const audio = await voice.speak(text, speed);
    await cache.store(key, audio);
    return audio;
  };

  /** Two that ask for the same text at the same time wait for the same work. */
  const speakOnce = (text: string, speed: number) => {
    const key = audioKey(text, speed);
    const running = underWay.get(key);
    if (running !== undefined) return running;
    const work = speakAnew(key, text, speed).finally(() => underWay.delete(key));
    underWay.set(key, work);
    return work;
  };

  return {
    async speak(text, { speed = 1 } = {}) {
      if (text.length > textCharsMax) throw new RangeError(`A text of ${text.length} characters is too long`);
      if (!(speed >= speedMin && speed <= speedMax))
        throw new RangeError(`A speed of ${speed} is out of range`);
      const audio = await speakOnce(text, speed);
      return { audio, words: timeWords(text, findSpeechInMulaw(audio)) };
    },
    async close() {
      await voice.close();
      await rm(scratchDir, { recursive: true, force: true });
    },
  };
}
