/** One assistant turn's audio, and which of its words lie where in it. */
import { bytesPerMs, type MulawAudio } from '#core/audio/mulaw.ts';
import type { TurnId } from '#core/ids.ts';
import type { SpeechChunk } from '#core/ports/text-to-speech.ts';

/** `answer` is what the turn has to say, `hold` bridges the wait for it. */
export type AudioKind = 'answer' | 'hold';

interface SpokenCharacter {
  readonly char: string;
  readonly startByte: number;
  readonly endByte: number;
  readonly kind: AudioKind;
}

export interface HeardWords {
  /** Everything the caller heard, for the transcript. */
  readonly all: string;
  /** Without hold phrases, for the model. */
  readonly answer: string;
}

export interface Track {
  readonly turn: TurnId;
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

const isSpace = (char: string) => /\s/.test(char);

export function createTrack(turn: TurnId, onChange: () => void): PlayableTrack {
  let pieces: Piece[] = [];
  const characters: SpokenCharacter[] = [];
  let lengthBytes = 0;
  let isComplete = false;

  const noteCharacters = (chunk: SpeechChunk, kind: AudioKind) => {
    const { alignment } = chunk;
    if (!alignment) return;
    alignment.chars.forEach((char, i) => {
      const startMs = alignment.startMs[i] ?? 0;
      const endMs = startMs + (alignment.durationMs[i] ?? 0);
      characters.push({
        char,
        kind,
        startByte: lengthBytes + startMs * bytesPerMs,
        endByte: lengthBytes + endMs * bytesPerMs,
      });
    });
  };

  return {
    turn,
    get lengthBytes() {
      return lengthBytes;
    },
    get isComplete() {
      return isComplete;
    },
    push(chunk, kind) {
      noteCharacters(chunk, kind);
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
    heardWords: (heardBytes) => heardWords(characters, heardBytes),
    wordStart: (position) => wordStart(characters, position),
    forget(position) {
      pieces = pieces.filter(({ startByte, audio }) => startByte + audio.length > position);
    },
  };
}

/** A word counts as heard when it was heard to its end. */
function heardWords(characters: readonly SpokenCharacter[], heardBytes: number): HeardWords {
  let count = characters.findIndex(({ endByte }) => endByte > heardBytes);
  if (count === -1) count = characters.length;
  const next = characters[count];
  if (next && !isSpace(next.char))
    while (count > 0 && !isSpace(characters[count - 1]?.char ?? ' ')) count -= 1;
  const heard = characters.slice(0, count);
  const text = (part: readonly SpokenCharacter[]) =>
    part
      .map(({ char }) => char)
      .join('')
      .replace(/\s+/g, ' ')
      .trim();
  return { all: text(heard), answer: text(heard.filter(({ kind }) => kind === 'answer')) };
}

function wordStart(characters: readonly SpokenCharacter[], position: number): number {
  let i = characters.findIndex(({ endByte }) => endByte > position);
  if (i === -1) return position;
  while (i > 0 && !isSpace(characters[i - 1]?.char ?? ' ')) i -= 1;
  return Math.min(position, Math.floor(characters[i]?.startByte ?? position));
}
