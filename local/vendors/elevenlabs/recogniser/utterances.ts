/**
 * What simulated callers are about to say. There is no offline engine that understands telephone speech, so a caller
 * tells beforehand which words its audio holds; the recogniser finds that audio again, byte for byte, in what it
 * really receives.
 */
import { createHash } from 'node:crypto';
import { frameBytes, frameMs, type MulawAudio } from '#core/audio/mulaw.ts';
import { createRollingHash, hashFrame } from './frame-hash.ts';

export interface RegisteredWord {
  readonly text: string;
  /** Relative to the start of the audio. */
  readonly startMs: number;
  readonly endMs: number;
}

export interface UtteranceWord {
  readonly text: string;
  /** Frames of the utterance, the last one included. */
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** Frames of it that hold sound: what can be recognised again. */
  readonly frames: number;
}

export interface Utterance {
  readonly audio: MulawAudio;
  /** One per whole frame; undefined for a silent frame, which could belong to any utterance. */
  readonly hashes: readonly (number | undefined)[];
  readonly words: readonly UtteranceWord[];
}

export interface Place {
  readonly utterance: Utterance;
  readonly frame: number;
}

export interface Utterances {
  /** The same audio again only renews it. Throws `RangeError` for audio that is too long. */
  register(audio: MulawAudio, words: readonly RegisteredWord[]): void;
  /** Where these 160 bytes occur, the latest registered first. Silence occurs nowhere. */
  find(bytes: MulawAudio, at: number): readonly Place[];
  /** The first place of `bytes` from `from` up to and including `to` where 160 registered bytes begin. */
  search(bytes: MulawAudio, from: number, to: number): number | undefined;
}

/** Audio remembered, in frames: 80 minutes of speech, the oldest utterance is dropped first. */
const framesMax = 240_000;
/** One utterance: two minutes. */
const utteranceFramesMax = 6_000;
/** Places remembered for one and the same frame, should many utterances share their audio. */
const placesPerFrameMax = 32;

/** The two codes nearest to zero on either side: digital silence, or the rounding error of one. */
const isSilentCode = Uint8Array.from({ length: 256 }, (_, code) => Number((code & 0x7f) >= 0x7e));

export function isSilentFrame(bytes: MulawAudio, at: number): boolean {
  for (let i = at; i < at + frameBytes; i += 1) if (!isSilentCode[bytes[i] as number]) return false;
  return true;
}

function isSameFrame(bytes: MulawAudio, at: number, place: Place): boolean {
  const from = place.frame * frameBytes;
  for (let i = 0; i < frameBytes; i += 1) if (bytes[at + i] !== place.utterance.audio[from + i]) return false;
  return true;
}

function toWord(
  word: RegisteredWord,
  hashes: readonly (number | undefined)[],
  lastSound: number,
): UtteranceWord {
  const firstFrame = Math.min(Math.floor(word.startMs / frameMs), lastSound);
  const end = Math.min(Math.max(firstFrame, Math.ceil(word.endMs / frameMs) - 1), lastSound);
  const sounding = hashes
    .slice(firstFrame, end + 1)
    .flatMap((hash, i) => (hash === undefined ? [] : [firstFrame + i]));
  return { text: word.text, firstFrame, lastFrame: sounding.at(-1) ?? end, frames: sounding.length };
}

function toUtterance(audio: MulawAudio, words: readonly RegisteredWord[]): Utterance {
  const hashes: (number | undefined)[] = [];
  for (let at = 0; at + frameBytes <= audio.length; at += frameBytes)
    hashes.push(isSilentFrame(audio, at) ? undefined : hashFrame(audio, at));
  const lastSound = Math.max(
    0,
    hashes.findLastIndex((hash) => hash !== undefined),
  );
  return { audio, hashes, words: words.map((word) => toWord(word, hashes, lastSound)) };
}

/** Which places each hash has, the latest first. */
function createIndex() {
  const places = new Map<number, Place[]>();
  return {
    add(utterance: Utterance) {
      utterance.hashes.forEach((hash, frame) => {
        if (hash === undefined) return;
        const known = places.get(hash) ?? [];
        known.unshift({ utterance, frame });
        if (known.length > placesPerFrameMax) known.pop();
        places.set(hash, known);
      });
    },
    remove(utterance: Utterance) {
      for (const hash of utterance.hashes) {
        if (hash === undefined) continue;
        const left = places.get(hash)?.filter((place) => place.utterance !== utterance) ?? [];
        if (left.length === 0) places.delete(hash);
        else places.set(hash, left);
      }
    },
    get: (hash: number): readonly Place[] => places.get(hash) ?? [],
  };
}

export function createUtterances(): Utterances {
  const byAudio = new Map<string, Utterance>();
  const index = createIndex();
  let frames = 0;

  const forget = (key: string) => {
    const utterance = byAudio.get(key);
    if (!utterance) return;
    byAudio.delete(key);
    index.remove(utterance);
    frames -= utterance.hashes.length;
  };

  const find = (bytes: MulawAudio, at: number): readonly Place[] =>
    index.get(hashFrame(bytes, at)).filter((place) => isSameFrame(bytes, at, place));

  return {
    register(audio, words) {
      if (audio.length > utteranceFramesMax * frameBytes) throw new RangeError('The utterance is too long');
      const key = createHash('sha256').update(audio).digest('hex');
      forget(key);
      const utterance = toUtterance(audio.slice(), words);
      byAudio.set(key, utterance);
      index.add(utterance);
      frames += utterance.hashes.length;
      for (const oldest of byAudio.keys()) {
        if (frames <= framesMax) break;
        forget(oldest);
      }
    },
    find,
    search(bytes, from, to) {
      const rolling = createRollingHash(bytes, from);
      for (let at = from; at <= to; at += 1) {
        if (index.get(rolling.value()).some((place) => isSameFrame(bytes, at, place))) return at;
        rolling.slide();
      }
      return undefined;
    },
  };
}
