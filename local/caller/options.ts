/** What `npm run call`, `npm run load` and `npm run rehearse` share: the caller's script. */
import { readFileSync } from 'node:fs';
import { UsageError } from '../command-line.ts';
import { parseScript, type Step } from './script.ts';

export const defaultScript = 'local/scripts/three-turns.call';

/** Throws `UsageError`. A bare name means a script of ours. */
export function readScript(name: string): readonly Step[] {
  const file = /^[\w-]+$/.test(name) ? `local/scripts/${name}.call` : name;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(`There is no script ${file}. Give a file, or one of local/scripts by its name.`);
  }
  const parsed = parseScript(text);
  if (!parsed.ok) throw new UsageError(`${file} has mistakes:\n  ${parsed.problems.join('\n  ')}`);
  return parsed.steps;
}
