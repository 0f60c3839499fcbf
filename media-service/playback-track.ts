/** One assistant turn's audio, to be played in slices, with its words. */
import type { MulawAudio } from '#core/audio/mulaw.ts';
import type { TurnId } from '#core/ids.ts';
import type { SpeechChunk } from '#core/ports/text-to-speech.ts';
import { type AudioKind, createSpokenWords, type HeardWords } from './heard-words.ts';

export type { AudioKind, HeardWords } from './heard-words.ts';

export interface Track {
  readonly turn: TurnId;
  /** Text that is about to be spoken: what was said when the speech service tells no alignment. */
  addText(text: string, kind: AudioKind): void;
  push(chunk: SpeechChunk, kind: AudioKind): void;
  /** No more audio will come. */
  complete(): void;
}

/** What the playback does with a track; the turn that fills it sees only `Track`. */
export interface PlayableTrack extends Track {
  readonly lengthBytes: number;
  readonly isComplete: boolean;
  /** Up to `bytes` of audio from `position`, of one kind. */
  slice(
    position: number,
    bytes: number,
  ): { readonly audio: MulawAudio; readonly kind: AudioKind } | undefined;
  heardWords(heardBytes: number): HeardWords;
  /** Where the word at `position` begins: playback resumes there. */
  wordStart(position: number): number;
  /** Frees audio before `position`; it cannot be played again. */
  forget(position: number): void;
}

interface Piece {
  readonly audio: MulawAudio;
  readonly kind: AudioKind;
  readonly startByte: number;
}

export function createTrack(turn: TurnId, onChange: () => void): PlayableTrack {
  const words = createSpokenWords();
  let pieces: Piece[] = [];
  let lengthBytes = 0;
  let isComplete = false;

  return {
    turn,
    get lengthBytes() {
      return lengthBytes;
    },
    get isComplete() {
      return isComplete;
    },
    addText: words.addText,
    push(chunk, kind) {
      words.addAudio(chunk, lengthBytes, kind);
      if (chunk.audio.length > 0) pieces.push({ audio: chunk.audio, kind, startByte: lengthBytes });
      lengthBytes += chunk.audio.length;
      onChange();
    },
    complete() {
      isComplete = true;
      onChange();
    },
    slice(position, bytes) {
      const piece = pieces.find(({ startByte, audio }) => position < startByte + audio.length);
      if (!piece || position < piece.startByte) return undefined;
      const from = position - piece.startByte;
      return { audio: piece.audio.subarray(from, from + bytes), kind: piece.kind };
    },
    heardWords: (heardBytes) => words.heard(heardBytes, lengthBytes, isComplete),
    wordStart: words.wordStart,
    forget(position) {
      pieces = pieces.filter(({ startByte, audio }) => startByte + audio.length > position);
    },
  };
}
