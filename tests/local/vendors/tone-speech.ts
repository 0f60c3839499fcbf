/** Audio and voices for tests: as unlike each other as speech is, and made at once. */
import { encodeMulaw, frameBytes, silence } from '#core/audio/mulaw.ts';
import { findSpeechInMulaw } from '#local/speech/loudness.ts';
import type { Synthesiser } from '#local/speech/synthesiser.ts';
import { type TimedWord, timeWords } from '#local/speech/word-times.ts';

/** Loud noise that is the same for the same seed; no two frames of it are alike. */
export function noise(seed: string, ms: number): Uint8Array {
  let state = [...seed].reduce((hash, char) => Math.imul(hash ^ char.charCodeAt(0), 0x01000193), 0x811c9dc5);
  const samples = Int16Array.from({ length: ms * 8 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >> 18;
  });
  return encodeMulaw(samples);
}

/** Words of 200 ms each with 100 ms between them. */
export function tonedSpeech(text: string): { audio: Uint8Array; words: TimedWord[] } {
  const words = text.split(' ').map((word, i) => ({ text: word, startMs: i * 300, endMs: i * 300 + 200 }));
  return { audio: join(words.flatMap((word) => [noise(word.text, 200), silence(100)])), words };
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function toFrames(audio: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < audio.length; at += frameBytes) frames.push(audio.subarray(at, at + frameBytes));
  return frames;
}

/** Speaks 25 ms for each character, without a worker. */
export const tonedSynthesiser: Synthesiser = {
  speak(text) {
    const frames = Math.ceil((text.length * 25) / 20);
    const audio = noise(text, frames * 20);
    return Promise.resolve({ audio, words: timeWords(text, findSpeechInMulaw(audio)) });
  },
  close: () => Promise.resolve(),
};
