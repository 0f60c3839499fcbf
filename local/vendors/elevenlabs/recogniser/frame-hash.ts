/** A hash of 160 bytes that can be moved on by one byte without reading all of them again (Rabin and Karp). */
import { frameBytes, type MulawAudio } from '#core/audio/mulaw.ts';

/** Odd and large: the values spread over all 32 bits. */
const base = 0x01000193;

/** What the oldest byte of the window weighs. */
const oldestWeight = Array.from({ length: frameBytes - 1 }).reduce<number>(
  (weight) => Math.imul(weight, base),
  1,
);

/** Bytes count from 1, so that zeros make a difference. */
export function hashFrame(bytes: MulawAudio, at: number): number {
  let hash = 0;
  for (let i = at; i < at + frameBytes; i += 1) hash = (Math.imul(hash, base) + (bytes[i] as number) + 1) | 0;
  return hash;
}

export interface RollingHash {
  /** The hash of the window, equal to `hashFrame` there. */
  value(): number;
  /** Moves the window on by one byte. */
  slide(): void;
}

export function createRollingHash(bytes: MulawAudio, from: number): RollingHash {
  let at = from;
  let hash = hashFrame(bytes, at);
  return {
    value: () => hash,
    slide() {
      const oldest = Math.imul((bytes[at] as number) + 1, oldestWeight);
      const newest = bytes[at + frameBytes] ?? 0;
      hash = (Math.imul((hash - oldest) | 0, base) + newest + 1) | 0;
      at += 1;
    },
  };
}
