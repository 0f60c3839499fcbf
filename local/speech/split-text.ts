/** The longest text handed to the synthesiser at once: about 20 seconds of speech, a third of a second of work. */
export const pieceCharsMax = 300;

const sentenceEnd = /[.!?;:…]["')\]]*$/;

/** Words too long to be words (an address, a run of letters) are cut, so that no piece is longer than the limit. */
function* wordsOf(text: string): Iterable<string> {
  for (const word of text.split(/\s+/u)) {
    for (let at = 0; at < word.length; at += pieceCharsMax) yield word.slice(at, at + pieceCharsMax);
  }
}

/**
 * Cuts a long text into pieces that can be spoken one after another, after a sentence where that leaves a piece of
 * some length, else between words. A short text stays whole, for its melody.
 * @returns pieces of at most `pieceCharsMax` characters; none for blank text.
 */
export function splitText(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const word of wordsOf(text)) {
    const longer = piece === '' ? word : `${piece} ${word}`;
    const sentenceOver = sentenceEnd.test(piece) && longer.length > pieceCharsMax / 2;
    if (piece !== '' && (longer.length > pieceCharsMax || sentenceOver)) {
      pieces.push(piece);
      piece = word;
    } else {
      piece = longer;
    }
  }
  if (piece !== '') pieces.push(piece);
  return pieces;
}
