import type { CharacterAlignment } from '#core/ports/text-to-speech.ts';

const isSpace = (char: string): boolean => /^\s+$/.test(char);
const hasSound = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);

/**
 * The text of one reply: what of it was sent, and, by the alignment of the audio, what of it was spoken. When a
 * connection breaks, the rest can be spoken on the next one, from the word that was cut, and each character is
 * still told exactly once.
 */
export interface ReplyText {
  /** Adds a sentence or phrase; the vendor wants each to end with a space. */
  add(piece: string): void;
  unsent(): string;
  markSent(): void;
  /** Audio came that speaks these characters. @returns the part of them that was not told before. */
  spoken(alignment: CharacterAlignment): CharacterAlignment;
  /** The audio can no longer be matched with the text. */
  loseTrack(): void;
  onTrack(): boolean;
  /** Nothing that makes a sound is left to be spoken of what was added. */
  allSpoken(): boolean;
  /** Everything from the first word not wholly spoken counts as unsent again. */
  rewind(): void;
  /** Nothing was heard: everything counts as unsent again. */
  restart(): void;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charAt(at))) at += 1;
  return at;
}

/** The start of the word that is cut at `from`, or of the next word when none is. */
function resumeAt(text: string, from: number): number {
  const wordEnd = text.slice(from).search(/\s/);
  const restOfWord = wordEnd < 0 ? text.slice(from) : text.slice(from, from + wordEnd);
  if (!hasSound(restOfWord)) return skipSpace(text, from + restOfWord.length);
  return from - (/\S*$/.exec(text.slice(0, from))?.[0].length ?? 0);
}

/** Puts characters before others, all at the moment at which these begin. */
function withoutTime(text: string, { chars, startMs, durationMs }: CharacterAlignment): CharacterAlignment {
  const added = [...text];
  return {
    chars: [...added, ...chars],
    startMs: [...added.map(() => startMs[0] ?? 0), ...startMs],
    durationMs: [...added.map(() => 0), ...durationMs],
  };
}

export function createReplyText(): ReplyText {
  let text = '';
  let sentTo = 0;
  /** Up to where the present connection has spoken, and up to where any has. */
  let position = 0;
  let toldTo = 0;
  let tracked = true;
  /** Punctuation and spaces jumped over by a rewind: told with the next characters, as no time at all. */
  let owed = '';
  /** No word yet on this connection: the space that opens a context is not part of the text. */
  let fresh = true;

  const moveTo = (next: number): boolean => {
    position = next;
    const isNew = position > toldTo;
    toldTo = Math.max(toldTo, position);
    return isNew;
  };

  /** @returns whether this character is told for the first time. */
  const advance = (char: string): boolean => {
    if (!tracked) return true;
    if (isSpace(char)) return !fresh && isSpace(text.charAt(position)) && moveTo(position + 1);
    fresh = false;
    const at = skipSpace(text, position);
    if (text.startsWith(char, at)) return moveTo(at + char.length);
    tracked = false;
    return true;
  };

  return {
    add(piece) {
      if (piece.trim() === '') return;
      text += piece.endsWith(' ') ? piece : `${piece} `;
    },
    unsent: () => text.slice(sentTo),
    markSent() {
      sentTo = text.length;
    },
    spoken(alignment) {
      const kept = alignment.chars.map(advance);
      const pick = <T>(values: readonly T[]) => values.filter((_, index) => kept[index]);
      const told = {
        chars: pick(alignment.chars),
        startMs: pick(alignment.startMs),
        durationMs: pick(alignment.durationMs),
      };
      if (owed === '' || told.chars.length === 0) return told;
      const whole = withoutTime(owed, told);
      owed = '';
      return whole;
    },
    loseTrack() {
      tracked = false;
    },
    onTrack: () => tracked,
    allSpoken: () => tracked && !hasSound(text.slice(Math.max(position, toldTo))),
    rewind() {
      const from = resumeAt(text, toldTo);
      owed += from > toldTo ? text.slice(toldTo, from) : '';
      toldTo = Math.max(toldTo, from);
      position = from;
      sentTo = from;
      fresh = true;
    },
    restart() {
      sentTo = 0;
      position = 0;
      fresh = true;
    },
  };
}
