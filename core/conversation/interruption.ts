/** Is what the caller said while the assistant speaks an interruption, or just listening aloud? */

export type InterruptionKind = 'nothing' | 'backchannel' | 'words';

/** Sounds and words by which people show that they listen. They do not take the turn. */
const backchannelWords = new Set(
  'mhm mm mmm hm hmm uh-huh uhhuh uh huh ah oh ok okay yeah yep yes yup right sure alright aha i see gotcha got it good'.split(
    ' ',
  ),
);

/** Words that take the turn whatever stands around them. */
const stopWords = new Set('stop wait no actually hold hang sorry excuse but question help please'.split(' '));

/** More words than this are never only a backchannel. */
const backchannelWordsMax = 3;

export function wordsOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .replace(/\([^)]*\)|\[[^\]]*\]/g, ' ') // recognisers write sounds as "(coughs)"
    .replace(/[^\p{L}\p{N}' -]/gu, ' ')
    .split(/\s+/)
    .map((word) => word.replace(/^[-']+|[-']+$/g, ''))
    .filter((word) => word !== '');
}

export function classifyInterruption(text: string): InterruptionKind {
  const words = wordsOf(text);
  if (words.length === 0) return 'nothing';
  if (words.some((word) => stopWords.has(word))) return 'words';
  if (
    words.length <= backchannelWordsMax &&
    words.every((word) => backchannelWords.has(word) || /^m+-?h*m+$/.test(word))
  )
    return 'backchannel';
  return 'words';
}

/** Whether two transcripts say the same words, case and punctuation aside. */
export function sameWords(a: string, b: string): boolean {
  return wordsOf(a).join(' ') === wordsOf(b).join(' ');
}

/** Transcripts that share this much of the earlier words are two readings of the same sound. */
const sameReadingShare = 0.6;

/**
 * What a transcript says beyond words that are known already: everything when it speaks of something else, nothing when
 * it only reads the known words in another way.
 */
export function wordsBeyond(known: string, text: string): string {
  const knownWords = wordsOf(known);
  if (knownWords.length === 0) return text.trim();
  const tokens = text.trim().split(/\s+/);
  for (let end = 1; end <= tokens.length; end += 1)
    if (wordsOf(tokens.slice(0, end).join(' ')).join(' ') === knownWords.join(' '))
      return tokens.slice(end).join(' ');
  const said = new Set(wordsOf(text));
  const shared = knownWords.filter((word) => said.has(word)).length;
  return shared / knownWords.length >= sameReadingShare ? '' : text.trim();
}
