/** Audio that carries its own text, so that a test can read what was heard: each character sounds for 60 ms. */
import { bytesPerMs } from '#core/audio/mulaw.ts';
import type { SpeechChunk } from '#core/ports/text-to-speech.ts';

export const characterMs = 60;
const characterBytes = characterMs * bytesPerMs;
const repeatMark = 0x00;

/** The first byte of a character says where it begins; the rest repeats its code. */
export function spell(text: string): SpeechChunk {
  const chars = [...text];
  const audio = new Uint8Array(chars.length * characterBytes);
  chars.forEach((char, i) => {
    const code = Math.min(char.codePointAt(0) ?? 63, 0xfe);
    audio.fill(code, i * characterBytes, (i + 1) * characterBytes);
    audio[i * characterBytes] = repeatMark;
  });
  return {
    audio,
    alignment: {
      chars,
      startMs: chars.map((_, i) => i * characterMs),
      durationMs: chars.map(() => characterMs),
    },
  };
}

/** Reads heard audio back; a character counts when more than half of it sounded. */
export function textOf(audio: Uint8Array): string {
  let text = '';
  for (let at = 0; at < audio.length; ) {
    const next = audio.indexOf(repeatMark, at + 1);
    const end = next === -1 ? audio.length : next;
    if (end - at > characterBytes / 2) text += String.fromCodePoint(audio[at + 1] ?? 63);
    at = end;
  }
  return text.replace(/\s+/g, ' ').trim();
}
