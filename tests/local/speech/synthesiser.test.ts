import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { durationMs } from '#core/audio/mulaw.ts';
import { findSpeechInMulaw } from '#local/speech/loudness.ts';
import { createSynthesiser } from '#local/speech/synthesiser.ts';

const synthesiser = await createSynthesiser();
const dir = await mkdtemp(path.join(tmpdir(), 'synthesiser-test-'));
after(async () => {
  await synthesiser.close();
  await rm(dir, { recursive: true, force: true });
});

describe('the offline voice', () => {
  it('speaks a sentence at a natural length in whole frames, from the first sound to the last', async () => {
    const { audio, words } = await synthesiser.speak('Hello, I am calling about my hearing on Tuesday.');

    const speech = findSpeechInMulaw(audio);
    assert.equal(audio.length % 160, 0);
    assert.ok(durationMs(audio) > 1_500 && durationMs(audio) < 5_000);
    assert.ok(speech.slice(0, 5).includes(true) && speech.slice(-6).includes(true));
    assert.equal(words.map(({ text }) => text).join(' '), 'Hello, I am calling about my hearing on Tuesday.');
    assert.ok(words.every(({ startMs, endMs }) => startMs < endMs && endMs <= durationMs(audio)));
    assert.ok(words.every(({ startMs }, i) => startMs >= (words[i - 1]?.startMs ?? 0)));
  });

  it('says the same text the same way every time, and another one otherwise', async () => {
    const [first, again, other] = await Promise.all([
      synthesiser.speak('Yes.'),
      synthesiser.speak('Yes.'),
      synthesiser.speak('No.'),
    ]);

    assert.deepEqual(first, again);
    assert.notDeepEqual(first.audio, other.audio);
  });

  it('speaks faster when it is asked to', async () => {
    const text = 'This sentence is spoken twice.';

    const usual = await synthesiser.speak(text);
    const fast = await synthesiser.speak(text, { speed: 1.2 });

    assert.ok(fast.audio.length < usual.audio.length * 0.95);
  });

  for (const text of ['', '   ', '...', '日本語', '😀']) {
    it(`says nothing of "${text}"`, async () => {
      const { audio, words } = await synthesiser.speak(text);

      assert.equal(audio.length, 0);
      assert.deepEqual(words, []);
    });
  }

  for (const text of [
    '12:30 on 4/5, $45.10',
    'Café – naïve “déjà vu” 日本',
    '-t --help',
    'a "b" \'c\' \\ $(d) \0 e',
  ]) {
    it(`says what it can of ${JSON.stringify(text)}`, async () => {
      const { audio } = await synthesiser.speak(text);

      assert.ok(findSpeechInMulaw(audio).includes(true));
    });
  }

  it('speaks a text that is too long for one breath in pieces', async () => {
    const sentence = 'This is one of many sentences. ';

    const one = await synthesiser.speak(sentence);
    const many = await synthesiser.speak(sentence.repeat(15));

    assert.ok(many.audio.length > one.audio.length * 12);
    assert.equal(many.words.length, one.words.length * 15);
  });

  it('refuses a text or a speed out of bounds', async () => {
    await assert.rejects(synthesiser.speak('x'.repeat(40_001)), RangeError);
    await assert.rejects(synthesiser.speak('Hi', { speed: 3 }), RangeError);
    await assert.rejects(synthesiser.speak('Hi', { speed: Number.NaN }), RangeError);
  });

  it('keeps what it said on disk for the next process, and does not trust a broken file', async () => {
    const cacheDir = path.join(dir, 'cache');
    const before = await createSynthesiser({ cacheDir });
    const first = await before.speak('Keep this.');
    await before.close();
    const [file] = await readdir(cacheDir);
    const next = await createSynthesiser({ cacheDir });

    await writeFile(path.join(cacheDir, file ?? ''), new Uint8Array(320).fill(7));
    const kept = await next.speak('Keep this.');
    const another = await createSynthesiser({ cacheDir });
    await writeFile(path.join(cacheDir, file ?? ''), new Uint8Array(7));
    const anew = await another.speak('Keep this.');
    await Promise.all([next.close(), another.close()]);

    assert.deepEqual(kept.audio, new Uint8Array(320).fill(7));
    assert.deepEqual(anew.audio, first.audio);
  });

  it('speaks nothing more after it was closed, and leaves nobody waiting', async () => {
    const closing = await createSynthesiser();
    const waiting = assert.rejects(closing.speak('Never finished.'));

    await closing.close();

    await waiting;
    await assert.rejects(closing.speak('Hello?'), /closed/);
  });
});
