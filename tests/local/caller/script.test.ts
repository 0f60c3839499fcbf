import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { parseScript } from '#local/caller/script.ts';

const scripts = path.resolve(import.meta.dirname, '../../../local/scripts');

describe('a conversation script', () => {
  for (const file of readdirSync(scripts).filter((name) => name.endsWith('.call')))
    test(`${file}, which ships with the project, can be read`, () => {
      const parsed = parseScript(readFileSync(path.join(scripts, file), 'utf8'));

      assert.deepEqual(parsed.ok ? [] : parsed, []);
    });

  test('that makes no sense is refused with its line', () => {
    const parsed = parseScript('wait for reply\nsing a song\n');

    assert.equal(parsed.ok, false);
    assert.match(JSON.stringify(parsed), /2/);
  });
});
