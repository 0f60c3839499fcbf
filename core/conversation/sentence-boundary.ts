/** Does a sentence end here? Asked at each space of a text that is still being written. */

/**
 * - `ends`: cut now
 * - `unsure`: the first character of the next word decides (`sentenceGoesOn`)
 * - `goes-on`: no
 */
export type Boundary =
  | { readonly kind: 'ends' | 'goes-on' }
  | { readonly kind: 'unsure'; readonly beforeNumber: boolean };

const ends: Boundary = { kind: 'ends' };
const goesOn: Boundary = { kind: 'goes-on' };
const unsure: Boundary = { kind: 'unsure', beforeNumber: false };
const unsureBeforeNumber: Boundary = { kind: 'unsure', beforeNumber: true };

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** A name or a word always follows. */
const neverLast = words(
  'mr mrs ms mx dr prof rev fr hon sgt capt cpl lt col gen sen rep gov det supt mt ' +
    'e.g i.e cf vs v u.s u.s.a u.k approx attn',
);
/** May end a sentence, or stand in it. */
const sometimesLast = words('jr sr inc ltd co corp etc ave blvd rd ln hwy esq al dept est min hr');
/** The same, and never the end when a number follows. */
const beforeNumbers = words(
  'no nos jan feb mar apr jun jul aug sep sept oct nov dec ext sec art p pp par ch vol fig apt rm ste',
);
/** `a.m`, `Ph.D`, `D.C`, `L.C.S.W` once the last full stop is off. */
const dotted = /^\p{L}{1,3}(?:\.\p{L}{1,3})+$/u;
/** The initial of a name; `I` is the pronoun far more often. */
const initial = /^(?!I$)\p{Lu}$/u;

const closers = /["'”’)\]*_]*$/;
const quoting = /["'”’)\]]/;
const listNumber = /^\d{1,2}\.$/;
/** `Main St.` and `5th St.` are streets, `at St. Mary` is a saint. */
const street = /(?:\p{Lu}\p{L}+|\d\w*)\s+St\.$/u;

function afterFullStop(text: string, startsLine: boolean): Boundary {
  if (startsLine && listNumber.test(text)) return goesOn;
  const word = text.slice(text.search(/\S+$/), -1).replace(/^["'“‘(*_[]+/, '');
  const lower = word.toLowerCase();
  if (lower === 'st') return street.test(text) ? unsure : goesOn;
  if (neverLast.has(lower) || initial.test(word)) return goesOn;
  if (beforeNumbers.has(lower)) return unsureBeforeNumber;
  return sometimesLast.has(lower) || dotted.test(word) ? unsure : ends;
}

/**
 * @param text everything since the last cut, up to but not including a space.
 * @param startsLine whether `text` begins where its line begins.
 */
export function sentenceBoundary(text: string, startsLine: boolean): Boundary {
  const closing = text.match(closers)?.[0] ?? '';
  const core = text.slice(0, text.length - closing.length);
  if (!/[.!?…]$/.test(core)) return goesOn;
  if (/(?:\.\.|…)$/.test(core)) return unsure;
  const boundary = core.endsWith('.') ? afterFullStop(core, startsLine) : ends;
  // `"Are you all right?" she asked` goes on, `He said "no." Then …` does not.
  return boundary.kind === 'ends' && quoting.test(closing) ? unsure : boundary;
}

/** @param next the first character of the next word, after an `unsure` boundary. */
export function sentenceGoesOn(boundary: Boundary, next: string): boolean {
  if (boundary.kind !== 'unsure') return boundary.kind === 'goes-on';
  return /\p{Ll}/u.test(next) || (boundary.beforeNumber && /\d/.test(next));
}

/** A place inside a sentence where a speaker may take breath: after a comma, a colon, a dash. */
export function clauseEnds(text: string): boolean {
  return /(?:[,;:–—]|\s-)["'”’)\]*_]*$/.test(text);
}
