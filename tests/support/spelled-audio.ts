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

export interface SpelledReader {
  push(audio: Uint8Array): void;
  /** What was heard so far; a character counts when more than half of it sounded. */
  text(): string;
}

/** Reads audio back as it is heard. */
export function createSpelledReader(): SpelledReader {
  let over = '';
  /** The character that sounds now: bytes of it, and its code, which is its second byte. */
  let sounded = 0;
  let code: number | undefined;
  const current = () => (sounded > characterBytes / 2 ? String.fromCodePoint(code ?? 63) : '');

  return {
    push(audio) {
      for (let at = 0; at < audio.length; ) {
        if (audio[at] === repeatMark) {
          over += current();
          sounded = 0;
          code = undefined;
        }
        const next = audio.indexOf(repeatMark, at + 1);
        const end = next === -1 ? audio.length : next;
        if (sounded < 2) code ??= audio.subarray(at, end)[1 - sounded];
        sounded += end - at;
        at = end;
      }
    },
    text: () => `${over}${current()}`.replace(/\s+/g, ' ').trim(),
  };
}
