import { decodeMulaw, frameBytes, frameMs, type MulawAudio } from '#core/audio/mulaw.ts';
import { meanLevel } from '#local/speech/loudness.ts';

/** Mean absolute sample from which noise is taken for speech. */
const loud = 500;
/** A recogniser that is given noise makes about this many words of it. */
const wordMs = 400;
const words = ['uh', 'the', 'through', 'of', 'or', 'what', 'and', 'oh'];
/** Words kept of one utterance. */
const wordsMax = 200;

/** Wrong words for audio in the wrong format: what the service makes of noise. */
export function createBabble() {
  let loudMs = 0;
  return {
    hear(audio: MulawAudio) {
      for (let at = 0; at + frameBytes <= audio.length; at += frameBytes)
        if (meanLevel(decodeMulaw(audio.subarray(at, at + frameBytes))) >= loud) loudMs += frameMs;
    },
    text: () =>
      Array.from(
        { length: Math.min(wordsMax, Math.floor(loudMs / wordMs)) },
        (_, i) => words[i % words.length],
      ).join(' '),
    reset() {
      loudMs = 0;
    },
  };
}
