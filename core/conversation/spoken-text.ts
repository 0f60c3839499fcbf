/**
 * What is written for a screen made fit to be spoken: markdown, emojis and addresses go, the words stay.
 * The rules look at single characters and their neighbours only, so that a text may be cut at any space and each part
 * treated on its own with the same result.
 */

const ruleOrFenceOrTableLine = /^\s*(?:(?:[-*_]\s*){3,}|```\w*|[|\s:-]*\|[|\s:-]*)\s*$/;
/** Headings, quotations and bullets. The number of a numbered item is kept: it is spoken naturally. */
const lineMarker = /^\s*(?:(?:#{1,6}|[-*+•]|>)\s+)+/;

const linkStart = /!?\[/g;
const linkEnd = /\](?:\([^)\s]*\))?/g;
const webAddress = /\b(?:https?:\/\/|www\.)[^\s*`]+/gi;
/** Not the asterisk of `5*3`, nor one that stands alone. */
const emphasis = /(?<!\d)\*+(?=\S)|(?<=\S)\*+(?!\d)|~~|`+/g;
const underscores = /(?<![\p{L}\p{N}])_+(?=\S)|(?<=\S)_+(?![\p{L}\p{N}])/gu;
/** Pictures, skin tones, flags, and the invisible characters that join them. */
const emojis =
  /\p{Extended_Pictographic}|[\u{1f3fb}-\u{1f3ff}]|[\u{1f1e6}-\u{1f1ff}]|\u200d|\ufe0e|\ufe0f|\u20e3/gu;
const tableBar = /\s*\|\s*/g;
const spaceBeforePunctuation = /\s+([.,;:!?])(?=\s|$)/g;
const endsLikeASentence = /[.!?,;:…–—-]["'”’)]*$/;

/** `https://www.courts.ca.gov/selfhelp?x=1` is said `courts dot ca dot gov slash selfhelp`. */
function spokenAddress(address: string): string {
  const end = address.match(/[.,;:!?)"'”’]*$/)?.[0] ?? '';
  const place = address
    .slice(0, address.length - end.length)
    .replace(/^https?:\/\//i, '')
    .replace(/^www\./i, '')
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '');
  return place.replaceAll('.', ' dot ').replace(/\/+/g, ' slash ') + end;
}

function withoutMarkup(text: string): string {
  return text
    .replace(linkStart, '')
    .replace(linkEnd, '')
    .replace(webAddress, spokenAddress)
    .replace(emphasis, '')
    .replace(underscores, '')
    .replace(emojis, '')
    .replace(tableBar, ' ')
    .replace(/\s+/g, ' ')
    .replace(spaceBeforePunctuation, '$1')
    .trim();
}

export interface LinePart {
  /** The part begins where its line begins, so that `- ` is a bullet. */
  readonly startsLine: boolean;
  /** A line break follows: without punctuation of its own the line gets a full stop, or it would run into the next. */
  readonly endsLine: boolean;
}

/** @param text one line or a part of one. @returns an empty string when nothing of it can be spoken. */
export function toSpokenPart(text: string, { startsLine, endsLine }: LinePart): string {
  if (startsLine && ruleOrFenceOrTableLine.test(text)) return '';
  const spoken = withoutMarkup(startsLine ? text.replace(lineMarker, '') : text);
  if (!/[\p{L}\p{N}]/u.test(spoken)) return '';
  return endsLine && !endsLikeASentence.test(spoken) ? `${spoken}.` : spoken;
}

/** The whole text as it is spoken, on one line. */
export function toSpokenText(text: string): string {
  const lines = text.split('\n');
  return lines
    .map((line, index) => toSpokenPart(line, { startsLine: true, endsLine: index < lines.length - 1 }))
    .filter((line) => line !== '')
    .join(' ');
}
