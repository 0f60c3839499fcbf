import { stepMs } from './loudness.ts';

/** A word as written, punctuation included, and when it is heard, relative to the start of the audio. */
export interface TimedWord {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** What a word takes beside its letters: every word begins and ends somewhere. */
const wordWeight = 1.5;

/**
 * When each word is heard. The synthesiser does not tell, so this is an estimate: the time in which something is said
 * is shared out among the words by their number of characters; pauses take no share. Over a sentence it is right to
 * about a syllable; the first word begins and the last word ends exactly with the speech.
 * @param speech for each 10 ms whether something is said
 */
export function timeWords(text: string, speech: readonly boolean[]): TimedWord[] {
  const words = text.split(/\s+/u).filter((word) => word !== '');
  const spoken = speech.flatMap((isSpeech, step) => (isSpeech ? [step] : []));
  if (spoken.length === 0) return [];

  const weights = words.map((word) => word.length + wordWeight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  return words.map((word, i) => {
    const first = Math.floor((before / total) * spoken.length);
    before += weights[i] as number;
    const last = Math.max(first, Math.ceil((before / total) * spoken.length) - 1);
    const step = (index: number) => spoken[Math.min(index, spoken.length - 1)] as number;
    return { text: word, startMs: step(first) * stepMs, endMs: (step(last) + 1) * stepMs };
  });
}
