/** Which words of a turn were heard: by the speech service's own alignment, or by proportion where there is none. */
import { bytesPerMs } from '#core/audio/mulaw.ts';
import type { SpeechChunk } from '#core/ports/text-to-speech.ts';

/** `answer` is what the turn has to say, `hold` bridges the wait for it. */
export type AudioKind = 'answer' | 'hold';

export interface HeardWords {
  /** Everything the caller heard, for the transcript. */
  readonly all: string;
  /** Without hold phrases, for the model. */
  readonly answer: string;
}

interface SpokenCharacter {
  readonly char: string;
  readonly startByte: number;
  readonly endByte: number;
  readonly kind: AudioKind;
}

export interface SpokenWords {
  /** Text that was handed over to be spoken. */
  addText(text: string, kind: AudioKind): void;
  /** Audio that begins at `startByte` of the turn, with its characters if the speech service tells them. */
  addAudio(chunk: SpeechChunk, startByte: number, kind: AudioKind): void;
  /** @param lengthBytes all audio of the turn so far; `isComplete`: there will be no more. */
  heard(heardBytes: number, lengthBytes: number, isComplete: boolean): HeardWords;
  /** Where the word at `position` begins; the position itself where no alignment tells. */
  wordStart(position: number): number;
}

/** Speech is about 15 characters a second: used only for audio that is still to come. */
const bytesPerChar = (1_000 / 15) * bytesPerMs;

const isSpace = (char: string | undefined) => char === undefined || /\s/.test(char);
const tidy = (text: string) => text.replace(/\s+/g, ' ').trim();

export function createSpokenWords(): SpokenWords {
  const characters: SpokenCharacter[] = [];
  const texts: { readonly text: string; readonly kind: AudioKind }[] = [];

  return {
    addText: (text, kind) => void texts.push({ text, kind }),
    addAudio({ alignment }, startByte, kind) {
      alignment?.chars.forEach((char, i) => {
        const startMs = alignment.startMs[i] ?? 0;
        const endMs = startMs + (alignment.durationMs[i] ?? 0);
        const at = { startByte: startByte + startMs * bytesPerMs, endByte: startByte + endMs * bytesPerMs };
        characters.push({ char, kind, ...at });
      });
    },
    heard(heardBytes, lengthBytes, isComplete) {
      if (isComplete && heardBytes >= lengthBytes && texts.length > 0) return wholeText(texts);
      if (characters.length > 0) return alignedWords(characters, heardBytes);
      return proportionalWords(texts, heardBytes, isComplete ? lengthBytes : 0);
    },
    wordStart(position) {
      let i = characters.findIndex(({ endByte }) => endByte > position);
      if (i === -1) return position;
      while (i > 0 && !isSpace(characters[i - 1]?.char)) i -= 1;
      return Math.min(position, Math.floor(characters[i]?.startByte ?? position));
    },
  };
}

type Texts = readonly { readonly text: string; readonly kind: AudioKind }[];

function wholeText(texts: Texts): HeardWords {
  const join = (part: Texts) => tidy(part.map(({ text }) => text).join(' '));
  return { all: join(texts), answer: join(texts.filter(({ kind }) => kind === 'answer')) };
}

/** A word counts as heard when it was heard to its end. */
function alignedWords(characters: readonly SpokenCharacter[], heardBytes: number): HeardWords {
  let count = characters.findIndex(({ endByte }) => endByte > heardBytes);
  if (count === -1) count = characters.length;
  if (!isSpace(characters[count]?.char))
    while (count > 0 && !isSpace(characters[count - 1]?.char)) count -= 1;
  const heard = characters.slice(0, count);
  const text = (part: readonly SpokenCharacter[]) => tidy(part.map(({ char }) => char).join(''));
  return { all: text(heard), answer: text(heard.filter(({ kind }) => kind === 'answer')) };
}

function proportionalWords(texts: Texts, heardBytes: number, lengthBytes: number): HeardWords {
  const total = texts.reduce((sum, { text }) => sum + text.length, 0);
  const expectedBytes = lengthBytes > 0 ? lengthBytes : total * bytesPerChar;
  let left =
    expectedBytes === 0 ? 0 : Math.floor((total * Math.min(heardBytes, expectedBytes)) / expectedBytes);
  const heard = texts.map(({ text, kind }) => {
    const part = left >= text.length ? text : text.slice(0, left).replace(/\S*$/, '');
    left = Math.max(0, left - text.length);
    return { text: part, kind };
  });
  return wholeText(heard);
}
