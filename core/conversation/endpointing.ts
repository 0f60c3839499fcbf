/** Has the caller finished? How long a silence must be before we take the turn. */

import { wordsOf } from './interruption.ts';
import type { ConversationSettings } from './settings.ts';

/** Words that announce more words. */
const openers = new Set(
  (
    'and but or so because since if when while although though that which who whose whom than then as ' +
    'the a an my your his her its our their this these those some any every each another ' +
    'to of in on at for from with about into onto over under between through during without within by ' +
    'is are was were am be been do does did have has had will would could should can may might must ' +
    'um uh er erm like well i he she we they it'
  ).split(' '),
);

const sentenceEnd = /[.!?]["')\]]?$/;
const trailingOff = /(?:,|-|–|—|:|;|\.\.\.|…)$/;

/** A number that sounds unfinished: a few digits at the end (a phone, case or house number being read out). */
const unfinishedNumber = /(?:\d[\s-]?){1,6}$/;
const spokenDigits = new Set('zero oh one two three four five six seven eight nine'.split(' '));

export type UtteranceShape = 'sentence' | 'mid-clause' | 'open';

/** @param text the caller's words so far, as the recogniser writes them. */
export function utteranceShape(text: string): UtteranceShape {
  const trimmed = text.trim();
  if (trailingOff.test(trimmed)) return 'mid-clause';
  const words = wordsOf(trimmed);
  const last = words.at(-1);
  if (last === undefined) return 'open';
  if (words.length >= 2 && spokenDigits.has(last) && spokenDigits.has(words.at(-2) ?? ''))
    return 'mid-clause';
  if (sentenceEnd.test(trimmed)) return 'sentence';
  if (openers.has(last) || unfinishedNumber.test(trimmed)) return 'mid-clause';
  return 'open';
}

/** How far a caller's own habit may move the usual delay. */
const habitFactor = 1.2;

/**
 * The silence after which the turn is ours, in milliseconds from the caller's last speech.
 * A caller who pauses long inside sentences gets longer, never beyond `endpointMaxMs`.
 */
export function endpointDelayMs(
  text: string,
  callerPauseMs: number | undefined,
  settings: ConversationSettings,
): number {
  const shape = utteranceShape(text);
  if (shape === 'sentence') return settings.endpointAfterSentenceMs;
  const usual = shape === 'mid-clause' ? settings.endpointMidClauseMs : settings.endpointMs;
  const habit = callerPauseMs === undefined ? 0 : callerPauseMs * habitFactor;
  return Math.min(Math.max(usual, habit), settings.endpointMaxMs);
}

/** Weight of the newest pause in the caller's average: a habit shows after three or four pauses. */
const pauseWeight = 0.3;

/** A new average of the caller's pauses inside utterances. */
export function learnPause(
  callerPauseMs: number | undefined,
  pauseMs: number,
  settings: ConversationSettings,
): number {
  const bounded = Math.min(pauseMs, settings.endpointMaxMs);
  if (callerPauseMs === undefined) return bounded;
  return callerPauseMs + pauseWeight * (bounded - callerPauseMs);
}
