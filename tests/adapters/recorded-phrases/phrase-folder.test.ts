import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  loadRecordedPhrases,
  writeManifest,
  writeRecording,
} from '#adapters/recorded-phrases/phrase-folder.ts';

const model = 'eleven_flash_v2_5';
const audio = new Uint8Array(800).fill(0x55);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'phrases-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function recordOne() {
  const entry = writeRecording(folder, 'grace', 'Are you there?', audio);
  writeManifest(folder, { version: 1, model, phrases: [entry] });
  return entry;
}

describe('recorded phrases', () => {
  test('are found by voice and text, and only by exactly these', () => {
    recordOne();

    const { phrases, count } = loadRecordedPhrases(folder, model);

    assert.equal(count, 1);
    assert.deepEqual(new Uint8Array(phrases.find('grace', 'Are you there?') ?? []), audio);
    assert.equal(phrases.find('arthur', 'Are you there?'), undefined);
    assert.equal(phrases.find('grace', 'Are you still there?'), undefined);
  });

  test('of another speech model are not used', () => {
    recordOne();

    assert.equal(loadRecordedPhrases(folder, 'eleven_multilingual_v2').count, 0);
  });

  test('that are damaged are left out, so that they are spoken live', () => {
    const { file } = recordOne();
    truncateSync(path.join(folder, file), 10);

    const { count, damaged } = loadRecordedPhrases(folder, model);

    assert.deepEqual([count, damaged], [0, 1]);
  });

  test('are none where there is no folder; an unreadable manifest is said, not guessed', () => {
    assert.equal(loadRecordedPhrases(path.join(folder, 'nowhere'), model).count, 0);
    writeFileSync(path.join(folder, 'manifest.json'), '{');

    assert.throws(() => loadRecordedPhrases(folder, model));
  });
});
