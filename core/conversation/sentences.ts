/**
 * Text of a reply in, as it is written; pieces to speak out, as early as they can be spoken well.
 * Decides character by character, so how the text was cut on its way here changes nothing.
 */
import { type Boundary, clauseEnds, sentenceBoundary, sentenceGoesOn } from './sentence-boundary.ts';
import { toSpokenPart } from './spoken-text.ts';

/**
 * The first piece of a reply may end at a comma from this length on: about 1.5 seconds of speech (English is spoken
 * at some 15 characters a second), enough to make the next piece behind it.
 */
export const firstPieceCharsMin = 24;
/** A piece without an end is cut here: some 16 seconds of speech, longer than any sentence made for a phone. */
export const pieceCharsMax = 240;

export interface SplitterState {
  /** Written since the last cut, its white space made single spaces, without the space at its end. */
  readonly text: string;
  /** White space was seen after `text`. */
  readonly spaced: boolean;
  /** What is open about a sentence end after `text`. */
  readonly boundary: Boundary;
  readonly startsLine: boolean;
  /** No piece of this reply has been cut yet. */
  readonly first: boolean;
}

interface Step {
  readonly state: SplitterState;
  /** A piece that was cut, ready to be spoken; undefined most of the time. */
  readonly piece?: string;
}

const goesOn: Boundary = { kind: 'goes-on' };
export const splitterStart: SplitterState = {
  text: '',
  spaced: false,
  boundary: goesOn,
  startsLine: true,
  first: true,
};

/** Speaks `text`, and goes on with `rest` behind it. */
function cut(state: SplitterState, text: string, rest: string, endsLine: boolean): Step {
  const piece = toSpokenPart(text, { startsLine: state.startsLine, endsLine });
  const next = {
    text: rest,
    spaced: false,
    boundary: goesOn,
    startsLine: endsLine,
    first: state.first && piece === '',
  };
  return piece === '' ? { state: next } : { state: next, piece };
}

function afterSpace(state: SplitterState, isLineBreak: boolean): Step {
  if (state.text === '') return { state: isLineBreak ? { ...state, startsLine: true } : state };
  if (isLineBreak) return cut(state, state.text, '', true);
  if (state.spaced) return { state };
  const breath = state.first && state.text.length >= firstPieceCharsMin && clauseEnds(state.text);
  const boundary = sentenceBoundary(state.text, state.startsLine);
  if (breath || boundary.kind === 'ends') return cut(state, state.text, '', false);
  return { state: { ...state, spaced: true, boundary } };
}

const isHighSurrogate = (unit: string | undefined) => unit !== undefined && /[\ud800-\udbff]/.test(unit);

/** Where to cut a text that is too long: after a clause in its second half, else at its last space, else anywhere. */
function longCutAt(text: string): number {
  const clause = text.search(/(?<=[,;:–—])\s(?!.*[,;:–—]\s)/);
  if (clause >= pieceCharsMax / 2) return clause;
  const space = text.lastIndexOf(' ');
  if (space > 0) return space;
  return isHighSurrogate(text.at(-1)) ? text.length - 1 : text.length;
}

function afterVisible(state: SplitterState, unit: string): Step {
  if (state.spaced && !sentenceGoesOn(state.boundary, unit)) return cut(state, state.text, unit, false);
  const text = state.spaced ? `${state.text} ${unit}` : state.text + unit;
  if (text.length < pieceCharsMax) return { state: { ...state, text, spaced: false, boundary: goesOn } };
  const at = longCutAt(text);
  return cut(state, text.slice(0, at), text.slice(at).trimStart(), false);
}

/** Takes one UTF-16 code unit of the reply. */
export function splitterStep(state: SplitterState, unit: string): Step {
  return /\s/.test(unit) ? afterSpace(state, unit === '\n') : afterVisible(state, unit);
}

export interface SentenceSplitter {
  /** @returns the pieces that `delta` completed, in order, without space around them. */
  push(delta: string): readonly string[];
  /** The text is over, or a tool comes next: the rest, if there is any. A new reply may follow. */
  flush(): readonly string[];
}

export function createSentenceSplitter(): SentenceSplitter {
  let state = splitterStart;
  return {
    push(delta) {
      const pieces: string[] = [];
      for (let i = 0; i < delta.length; i += 1) {
        const step = splitterStep(state, delta.charAt(i));
        state = step.state;
        if (step.piece !== undefined) pieces.push(step.piece);
      }
      return pieces;
    },
    flush() {
      const { piece } = cut(state, state.text, '', false);
      state = splitterStart;
      return piece === undefined ? [] : [piece];
    },
  };
}
