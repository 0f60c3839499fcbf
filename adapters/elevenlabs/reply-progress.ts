import type { SpeechChunk } from '#core/ports/text-to-speech.ts';
import { createReplyText } from './reply-text.ts';
import { isWithin, type SpokenMessage } from './text-to-speech-wire.ts';

/** A reply whose connection broke this often is given up, however well the next one begins. */
const resumesMax = 3;

/** How far a reply has come: what was given, sent and heard, and so what the vendor still owes. */
export interface ReplyProgress {
  add(piece: string): void;
  endText(): void;
  textEnded(): boolean;
  unsent(): string;
  markSent(): void;
  /** Characters sent so far, repetitions included, as Unicode code points. */
  charactersSent(): number;
  /** @returns the audio, with those of its characters that were not told before. */
  take(message: SpokenMessage): SpeechChunk;
  heardAnything(): boolean;
  /** Whether audio must come without another text: only then is silence a failure. */
  isOwed(): boolean;
  /** All text was given, and nothing of it is left to be heard, though the vendor has not said so. */
  isSpokenOut(): boolean;
  /** The connection is lost. @returns whether the rest can be spoken on another one. */
  resume(): boolean;
}

export function createReplyProgress(): ReplyProgress {
  const text = createReplyText();
  let textEnded = false;
  let heard = false;
  let aligned = false;
  /** Without alignment, audio after the last text is the only sign that it is being spoken. */
  let heardSinceSend = true;
  let resumes = 0;
  let characters = 0;
  /** Audio without characters goes on with those before it; when none came before, nobody knows where it is. */
  const onTrack = () => aligned && text.onTrack();

  return {
    add: text.add,
    endText() {
      textEnded = true;
    },
    textEnded: () => textEnded,
    unsent: text.unsent,
    markSent() {
      characters += [...text.unsent()].length;
      text.markSent();
      heardSinceSend = false;
    },
    charactersSent: () => characters,
    take({ audio, alignment }) {
      heard = true;
      heardSinceSend = true;
      if (!alignment) return { audio };
      aligned = true;
      if (!isWithin(alignment, audio)) text.loseTrack();
      const told = text.spoken(alignment);
      return told.chars.length > 0 ? { audio, alignment: told } : { audio };
    },
    heardAnything: () => heard,
    isOwed() {
      if (text.unsent() !== '') return true;
      if (textEnded) return characters > 0;
      return onTrack() ? !text.allSpoken() : !heardSinceSend;
    },
    isSpokenOut: () => textEnded && text.allSpoken(),
    resume() {
      resumes += 1;
      if (resumes > resumesMax || (heard && !onTrack())) return false;
      if (heard) text.rewind();
      else text.restart();
      return true;
    },
  };
}
