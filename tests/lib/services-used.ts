/** Which methods of which services the code of a function calls, read from its source. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { functionSource } from '#lib/api/function-table.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** One builds every service for every function, the others are the frames of all kinds of functions. */
const isShared = (file: string) => file === 'lambdas/wire.ts' || file.startsWith('lambdas/stacks/');

const importPattern = /(?:import|export)\s[^;]*?from\s+'(?<source>[^']+)'|import\('(?<lazy>[^']+)'\)/g;

/** Files of `lambdas/` that a function is made of, without those that all share. */
export function sourcesOf(name: string): readonly string[] {
  const found = new Set<string>();
  const visit = (file: string) => {
    if (found.has(file) || isShared(file) || !file.startsWith('lambdas/')) return;
    found.add(file);
    const text = readFileSync(path.join(root, file), 'utf8');
    for (const { groups } of text.matchAll(importPattern)) {
      const source = groups?.['source'] ?? groups?.['lazy'] ?? '';
      if (source.startsWith('.')) visit(path.join(path.dirname(file), source));
      else if (source.startsWith('#lambdas/')) visit(`lambdas/${source.slice('#lambdas/'.length)}`);
    }
  };
  visit(functionSource(name));
  return [...found].sort();
}

/** @returns `member.method` for every call on a member of the services. */
export function callsOf(name: string, members: readonly string[]): ReadonlySet<string> {
  const pattern = new RegExp(`\\b(?<member>${members.join('|')})\\s*\\.\\s*(?<method>\\w+)\\(`, 'g');
  const calls = sourcesOf(name).flatMap((file) =>
    [...readFileSync(path.join(root, file), 'utf8').matchAll(pattern)].map(
      ({ groups }) => `${groups?.['member']}.${groups?.['method']}`,
    ),
  );
  return new Set(calls);
}
