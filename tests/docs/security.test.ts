/** What `docs/security.md` says was tried has a test of that name. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

const root = path.resolve(import.meta.dirname, '../..');
const page = readFileSync(path.join(root, 'docs/security.md'), 'utf8');
const rows = (page.split('## What was tried\n')[1]?.split('\n## ')[0] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.slice(2, -2).split(' | '));

const title = /\b(?:test|it)\(\s*(?:'(?<plain>(?:[^'\\]|\\.)*)'|`(?<template>(?:[^`\\]|\\.)*)`)/g;
const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A title with `${…}` in it stands for what is written elsewhere in the file, or for a number. */
function isTitleIn(source: string, name: string): boolean {
  const filledIn = (part: string) =>
    /^\d+$/.test(part) || source.includes(`'${part.replace(/^"(.*)"$/, '$1')}'`);
  for (const { groups } of source.matchAll(title)) {
    const { plain, template } = groups ?? {};
    if (plain !== undefined && plain.replaceAll(/\\(.)/g, '$1') === name) return true;
    if (template === undefined) continue;
    const pattern = template
      .split(/\$\{[^{}]*\}/)
      .map(escaped)
      .join('(.+)');
    const [, ...parts] = new RegExp(`^${pattern}$`).exec(name) ?? [];
    if (parts.length > 0 && parts.every(filledIn)) return true;
  }
  return false;
}

describe('Every attack in docs/security.md', () => {
  test('has its answer, and a test: they are many', () => {
    assert.ok(rows.length > 30);
    for (const row of rows) assert.equal(row.length, 3, row.join());
  });

  for (const [attack = '', , proof = ''] of rows)
    test(`(${attack}) is tried by the test that it names`, () => {
      const [, file = '', name = ''] = /^`([^`]+)`: (.+)$/.exec(proof) ?? [];

      assert.ok(file !== '' && existsSync(path.join(root, file)), `there is no ${proof}`);
      assert.ok(
        isTitleIn(readFileSync(path.join(root, file), 'utf8'), name),
        `${file} has no test "${name}"`,
      );
    });
});
