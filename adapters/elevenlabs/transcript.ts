import { limits } from '#core/limits.ts';
import type { TranscriptEvent } from '#core/ports/speech-to-text.ts';

/** Length of the text that gives a new connection its context; the vendor advises about 50 characters. */
const tailCharsMax = 50;

const joinWords = (a: string, b: string): string => (a && b ? `${a} ${b}` : a + b);

/** The last words of a text, whole words only. */
function tailOf(text: string): string {
  return text.length <= tailCharsMax ? text : text.slice(-tailCharsMax).replace(/^\S*\s*/, '');
}

/** What the recogniser has said so far, told in the port's terms. */
export interface Transcript {
  /** All words not yet committed; told only when they changed. */
  partial(text: string): void;
  /** Words the recogniser committed unasked: they stay interim for us, and belong to the answer to our next commit. */
  hold(text: string): void;
  commit(text: string): void;
  /** The connection that had the uncommitted words is gone. */
  lost(): void;
  wordsPending(): boolean;
  /** The end of what was committed. */
  tail(): string;
}

export function createTranscript(push: (event: TranscriptEvent) => void): Transcript {
  let held = '';
  let interim = '';
  let tail = '';

  const setInterim = (text: string) => {
    if (text === interim) return;
    interim = text;
    push({ type: 'interim', text });
  };

  return {
    partial: (text) => setInterim(joinWords(held, text)),
    hold(text) {
      held = joinWords(held, text).slice(-limits.utteranceCharsMax);
      tail = tailOf(joinWords(tail, text));
      setInterim(held);
    },
    commit(text) {
      const whole = joinWords(held, text);
      held = '';
      interim = '';
      tail = tailOf(joinWords(tail, text));
      push({ type: 'committed', text: whole });
    },
    lost() {
      interim = held;
    },
    wordsPending: () => interim !== held,
    tail: () => tail,
  };
}
