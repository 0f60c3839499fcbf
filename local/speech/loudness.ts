import { bytesPerMs, decodeMulaw, type MulawAudio } from '#core/audio/mulaw.ts';

/** Length over which loudness is measured, in ms: as short as a plosive. */
export const stepMs = 10;
const stepSamples = stepMs * bytesPerMs;

/** Mean absolute sample (of 32 768) from which a step counts as speech: about -48 dB, above the voice's own noise. */
const speechLevelMin = 130;

/** Mean absolute sample of 16-bit `samples` in `[from, to)`. */
export function meanLevel(samples: Int16Array, from = 0, to = samples.length): number {
  let sum = 0;
  for (let i = from; i < to; i += 1) sum += Math.abs(samples[i] as number);
  return to > from ? sum / (to - from) : 0;
}

/** For each 10 ms whether something is said. A last step may be shorter. */
export function findSpeech(samples: Int16Array): boolean[] {
  const steps: boolean[] = [];
  for (let from = 0; from < samples.length; from += stepSamples)
    steps.push(meanLevel(samples, from, Math.min(samples.length, from + stepSamples)) >= speechLevelMin);
  return steps;
}

export const findSpeechInMulaw = (audio: MulawAudio): boolean[] => findSpeech(decodeMulaw(audio));

/** The part from the first to the last sound, with `marginMs` of what is around it; empty when nothing is said. */
export function trimSilence(samples: Int16Array, marginMs: number): Int16Array {
  const steps = findSpeech(samples);
  const first = steps.indexOf(true);
  if (first < 0) return samples.subarray(0, 0);
  const margin = marginMs * bytesPerMs;
  const from = Math.max(0, first * stepSamples - margin);
  return samples.subarray(from, (steps.lastIndexOf(true) + 1) * stepSamples + margin);
}
