import { bytesPerMs, type MulawAudio } from '#core/audio/mulaw.ts';
import { createBabble } from './babble.ts';
import { createEnergyDetector } from './energy-detector.ts';
import { createListener, type HeardWord } from './listener.ts';
import type { RecogniserSettings } from './settings.ts';
import type { Utterances } from './utterances.ts';

/** Audio that nobody commits is committed by the server (measured in the field). */
export const uncommittedAudioMsMax = 36_000;

/** What is heard since the last commit, and what has been told of it. */
export function createTranscript(utterances: Utterances, settings: RecogniserSettings) {
  const listener = createListener(utterances);
  const babble = createBabble();
  const isTelephone = settings.audio_format === 'ulaw_8000' || settings.audio_format === 'pcm_8000';
  const detector = createEnergyDetector({
    threshold: settings.vad_threshold,
    speechMsMin: settings.min_speech_duration_ms,
    silenceMs: settings.vad_silence_threshold_secs * 1_000,
  });
  let uncommittedMs = 0;
  let told = '';
  const textOf = (words: readonly HeardWord[]) =>
    [...words.map((word) => word.text), babble.text()].filter(Boolean).join(' ');

  return {
    uncommittedMs: () => uncommittedMs,
    /** @returns whether the server ends the utterance by itself. */
    hear(audio: MulawAudio): boolean {
      uncommittedMs += audio.length / bytesPerMs;
      listener.hear(audio);
      if (!isTelephone) babble.hear(audio);
      const over = settings.commit_strategy === 'vad' && detector.hear(audio);
      return over || uncommittedMs >= uncommittedAudioMsMax;
    },
    /** The whole uncommitted text, when it is not what was told last. */
    partial(): string | undefined {
      const text = textOf(listener.words());
      if (text === told || text === '') return undefined;
      told = text;
      return text;
    },
    commit(): { readonly text: string; readonly words: readonly HeardWord[] } {
      const words = listener.commit();
      const text = textOf(words);
      babble.reset();
      detector.reset();
      uncommittedMs = 0;
      told = '';
      return { text, words };
    },
  };
}
