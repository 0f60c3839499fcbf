import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSentenceSplitter, firstPieceCharsMin, pieceCharsMax } from '#core/conversation/sentences.ts';
import { toSpokenText } from '#core/conversation/spoken-text.ts';
import { createRandom, type Random } from '#tests/support/random.ts';

function piecesOf(...deltas: readonly string[]): string[] {
  const splitter = createSentenceSplitter();
  const pieces = deltas.flatMap((delta) => splitter.push(delta));
  return [...pieces, ...splitter.flush()];
}

/** A short sentence first, so that the clause rule of the first piece stays out of the way. */
const later = (text: string) => piecesOf(`Okay. ${text}`).slice(1);

const sentenceCases: readonly (readonly [string, readonly string[]])[] = [
  ['I hear you. That sounds hard.', ['I hear you.', 'That sounds hard.']],
  ['Really? Yes! Good.', ['Really?', 'Yes!', 'Good.']],
  ['Dr. Smith met Mrs. Jones. They talked.', ['Dr. Smith met Mrs. Jones.', 'They talked.']],
  ['The hearing is at 3:30 p.m. on Monday.', ['The hearing is at 3:30 p.m. on Monday.']],
  ['Come at 9 a.m. Bring your papers.', ['Come at 9 a.m.', 'Bring your papers.']],
  [
    'In the U.S. District Court, Smith v. Jones was heard.',
    ['In the U.S. District Court, Smith v. Jones was heard.'],
  ],
  ['It costs $3.50 or 1,200.75 dollars. Fine.', ['It costs $3.50 or 1,200.75 dollars.', 'Fine.']],
  ['See No. 5 on Jan. 12 please.', ['See No. 5 on Jan. 12 please.']],
  ["No. I can't do that.", ['No.', "I can't do that."]],
  ['It is at St. Mary on Main St. Then go left.', ['It is at St. Mary on Main St.', 'Then go left.']],
  ['Ask J. R. Miller Jr. about it.', ['Ask J. R. Miller Jr. about it.']],
  ['It was I. Nobody else.', ['It was I.', 'Nobody else.']],
  ['She is a Ph.D. She knows.', ['She is a Ph.D.', 'She knows.']],
  ['Well... maybe later. Hmm… Okay.', ['Well... maybe later.', 'Hmm…', 'Okay.']],
  ['"Are you safe?" she asked. "Yes." Good.', ['"Are you safe?" she asked.', '"Yes."', 'Good.']],
  ['You can (if you like!) wait. Or not.', ['You can (if you like!) wait.', 'Or not.']],
  ['**Stop.** Then breathe.', ['Stop.', 'Then breathe.']],
  ['What?! Oh no!!! Fine.', ['What?!', 'Oh no!!!', 'Fine.']],
  ['Bring e.g. a letter, i.e. paper, etc. and wait.', ['Bring e.g. a letter, i.e. paper, etc. and wait.']],
  ['Two things:\n- Milk\n- Eggs\nDone.', ['Two things:', 'Milk.', 'Eggs.', 'Done.']],
  ['Do this:\n1. Breathe in.\n2. Breathe out.', ['Do this:', '1. Breathe in.', '2. Breathe out.']],
  ['You have 5. That is fine.', ['You have 5.', 'That is fine.']],
  ['Great! 😊 See you.', ['Great!', 'See you.']],
  [
    'Go to https://a.example.org/x.html now. Okay?',
    ['Go to a dot example dot org slash x dot html now.', 'Okay?'],
  ],
];

for (const [text, expected] of sentenceCases)
  test(`speaks ${JSON.stringify(text)} in ${expected.length} piece(s), whole or letter by letter`, () => {
    assert.deepEqual(later(text), expected);
    assert.deepEqual(piecesOf('Okay. ', ...text).slice(1), expected);
  });

test('a sentence is spoken as soon as the space behind it is there', () => {
  const splitter = createSentenceSplitter();

  assert.deepEqual(splitter.push('I hear you.'), []);
  assert.deepEqual(splitter.push(' '), ['I hear you.']);
});

test('the first words of a reply are spoken at the first breath, later ones by the sentence', () => {
  const first = 'I can hear how worried you are,';
  const text = `${first} and I am glad that you called, so let us look at it. When it comes, we will see, together.`;
  assert.ok(first.length >= firstPieceCharsMin);

  assert.deepEqual(piecesOf(text), [
    first,
    'and I am glad that you called, so let us look at it.',
    'When it comes, we will see, together.',
  ]);
});

test('a few words before a comma are not spoken alone', () => {
  assert.deepEqual(piecesOf('Yes, well, I see.'), ['Yes, well, I see.']);
});

test('a dash is a breath too', () => {
  assert.deepEqual(piecesOf('That is a hard place to be - and you are not alone.'), [
    'That is a hard place to be -',
    'and you are not alone.',
  ]);
});

test('after a flush the next words count as the first of a reply again', () => {
  const splitter = createSentenceSplitter();
  splitter.push('Let me look that up for you. One mo');

  assert.deepEqual(splitter.flush(), ['One mo']);
  assert.deepEqual(splitter.flush(), []);
  assert.deepEqual(splitter.push('I found what you asked about, and '), ['I found what you asked about,']);
});

test('a text that never ends a sentence is cut at a clause or a space, in pieces of bounded length', () => {
  const endless = 'and then we went on with one thing after the other without any end '.repeat(30);
  const withCommas = 'first we went there and we did it, then we came back '.repeat(30);
  const oneWord = 'a'.repeat(1_000);

  for (const text of [endless, withCommas, oneWord]) {
    const pieces = later(text);

    assert.ok(pieces.length > 3);
    assert.ok(pieces.every((piece) => piece.length <= pieceCharsMax));
    assert.equal(pieces.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
  }
  assert.ok(
    later(withCommas)
      .slice(0, -1)
      .every((piece) => piece.endsWith(',')),
  );
  assert.ok(later(endless).every((piece) => / end$|^and | \w+$/.test(piece) && !piece.endsWith(' ')));
});

test('a picture is never cut in two', () => {
  const text = `a${'𝒳'.repeat(400)}`;

  const pieces = piecesOf(text);

  assert.equal(pieces.join(''), text);
  assert.ok(pieces.every((piece) => piece.isWellFormed()));
});

test('what is only dots, signs or emojis is not sent to be spoken', () => {
  assert.deepEqual(piecesOf('... 😊 \n--- \n* '), []);
});

const vocabulary = (
  'I you we they court Monday Dr. Mr. St. Main v. U.S. p.m. a.m. No. 5 12 3:30 $1,200.50 Jr. e.g. etc. I. J. ' +
  'stop. Stop! why? "Yes." (really?) well... hmm… and, but; so: — - **bold** **bold. _soft_ `code` [link](https://a.b/c). ' +
  'https://www.courts.ca.gov/help. 😊 👍🏽 café naïve don’t “quoted.” 911 988. 1. # 2) > * straße Ärger'
).split(' ');
const gaps = [' ', ' ', ' ', ' ', ' ', '  ', '\n', '\n\n', '\n- ', '\n1. ', '\n## ', ' \n'];

function randomText(random: Random): string {
  let text = '';
  for (let n = random.whole(0, 59); n >= 0; n -= 1) text += `${random.pick(vocabulary)}${random.pick(gaps)}`;
  return text;
}

function randomChunks(text: string, random: Random): string[] {
  const chunks: string[] = [];
  for (let at = 0; at < text.length; ) {
    const size = random.whole(1, 12);
    chunks.push(text.slice(at, at + size));
    at += size;
  }
  return chunks;
}

/** Signs that stand alone may go: nobody can speak them. */
const speakable = (text: string) =>
  text
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word))
    .join(' ');

test('no character is lost or doubled, and the chunks of the text do not matter, for any text', () => {
  for (let seed = 1; seed <= 2_000; seed += 1) {
    const random = createRandom(seed);
    const text = randomText(random);

    const pieces = piecesOf(...randomChunks(text, random));

    assert.equal(
      speakable(pieces.join(' ')),
      speakable(toSpokenText(text)),
      `seed ${seed}: ${JSON.stringify(text)}`,
    );
    assert.deepEqual(pieces, piecesOf(text), `seed ${seed}`);
    assert.ok(pieces.every((piece) => piece !== '' && piece === piece.trim()));
  }
});
