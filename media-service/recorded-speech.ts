/** Recorded audio as the speech service would have sent it: with its words spread evenly over its length. */
import { durationMs, type MulawAudio } from '#core/audio/mulaw.ts';
import type { SpeechChunk } from '#core/ports/text-to-speech.ts';

export function recordedChunk(audio: MulawAudio, text: string): SpeechChunk {
  const chars = [...text];
  const perCharMs = durationMs(audio) / Math.max(1, chars.length);
  return {
    audio,
    alignment: {
      chars,
      startMs: chars.map((_, i) => i * perCharMs),
      durationMs: chars.map(() => perCharMs),
    },
  };
}
