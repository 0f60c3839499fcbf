import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { createAudioCache } from '#local/speech/audio-cache.ts';
import { halveSampleRate } from '#local/speech/downsample.ts';
import { meanLevel, trimSilence } from '#local/speech/loudness.ts';
import { pieceCharsMax, splitText } from '#local/speech/split-text.ts';
import { timeWords } from '#local/speech/word-times.ts';

const tone = (hz: number, rateHz: number, samples: number) =>
  Int16Array.from({ length: samples }, (_, i) => 10_000 * Math.sin((2 * Math.PI * hz * i) / rateHz));

describe('halving the sampling rate', () => {
  it('keeps what a telephone carries', () => {
    const halved = halveSampleRate(tone(1_000, 16_000, 3_200));

    const expected = tone(1_000, 8_000, 1_600);
    const errors = halved.map((sample, i) => sample - (expected[i] as number)).subarray(40, -40);
    assert.equal(halved.length, 1_600);
    assert.ok(errors.every((error) => Math.abs(error) < 300));
  });

  it('removes what would fold back as hiss', () => {
    for (const hz of [5_000, 6_000, 7_500]) {
      const halved = halveSampleRate(tone(hz, 16_000, 3_200)).subarray(40, -40);
      assert.ok(meanLevel(halved) < 64, `${hz} Hz is still there`);
    }
  });
});

describe('trimming silence', () => {
  it('keeps the sound and a margin around it', () => {
    const samples = new Int16Array(8_000);
    samples.set(tone(440, 8_000, 1_600), 4_000);

    const trimmed = trimSilence(samples, 20);

    assert.ok(trimmed.length >= 1_600 + 2 * 160 && trimmed.length <= 1_600 + 2 * 160 + 160);
  });

  it('leaves nothing of silence', () => {
    assert.equal(trimSilence(new Int16Array(8_000), 20).length, 0);
  });
});

describe('cutting a long text', () => {
  it('leaves a short one whole and gives nothing for a blank one', () => {
    assert.deepEqual(splitText(' Hello.  How are you? '), ['Hello. How are you?']);
    assert.deepEqual(splitText('  '), []);
  });

  it('cuts after sentences where it can, between words else, within a word only when it must', () => {
    const sentences = splitText('This is a sentence of some length, is it not? '.repeat(10));
    const words = splitText('word '.repeat(200));
    const letters = splitText('x'.repeat(pieceCharsMax * 2 + 5));

    assert.ok(sentences.length > 1 && sentences.every((piece) => piece.endsWith('?')));
    assert.ok(words.every((piece) => /^word( word)*$/.test(piece)));
    assert.deepEqual(
      letters.map(({ length }) => length),
      [pieceCharsMax, pieceCharsMax, 5],
    );
    for (const pieces of [sentences, words, letters])
      assert.ok(pieces.every(({ length }) => length <= pieceCharsMax));
  });
});

describe('the times of words', () => {
  const steps = (...runs: readonly (readonly [boolean, number])[]) =>
    runs.flatMap(([isSpeech, ms]) => Array.from({ length: ms / 10 }, () => isSpeech));

  it('share the speech by the length of the words and leave the pauses out', () => {
    const words = timeWords('one two', steps([false, 100], [true, 200], [false, 300], [true, 200]));

    assert.deepEqual(words, [
      { text: 'one', startMs: 100, endMs: 300 },
      { text: 'two', startMs: 600, endMs: 800 },
    ]);
  });

  it('give each of more words than steps a time within the speech', () => {
    const words = timeWords('a b c d e f', steps([true, 20]));

    assert.equal(words.length, 6);
    assert.ok(words.every(({ startMs, endMs }) => startMs < endMs && endMs <= 20));
  });

  it('are none where nothing is said', () => {
    assert.deepEqual(timeWords('hello', steps([false, 100])), []);
    assert.deepEqual(timeWords('', steps([true, 100])), []);
  });
});

describe('the memory of what was said', () => {
  it('forgets what was not asked for the longest when it is full', async () => {
    const cache = createAudioCache(undefined);
    const audio = new Uint8Array(10 * 1024 * 1024);
    for (const key of ['a', 'b', 'c']) await cache.store(key, audio);

    await cache.find('a');
    await cache.store('d', audio);

    const known = await Promise.all(['a', 'b', 'c', 'd'].map((key) => cache.find(key)));
    assert.deepEqual(
      known.map((found) => found !== undefined),
      [true, false, true, true],
    );
  });

  it('goes on without a disk that cannot be written', async () => {
    const cache = createAudioCache(path.join(import.meta.filename, 'below-a-file'));

    await cache.store('a', new Uint8Array(160));
    const found = await cache.find('a');

    assert.equal(found?.length, 160);
  });
});
