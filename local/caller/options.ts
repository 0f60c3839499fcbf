/** What `npm run call` and `npm run load` share: reading arguments, scripts, and ending with a clear word. */
import { readFileSync } from 'node:fs';
import { parseScript, type Step } from './script.ts';

/** A person has to change something; the message says what. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

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

/** Runs a tool; what it returns is the exit code. A failure ends with one readable message. */
export async function runTool(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    const readable = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${readable}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

/** Throws `UsageError` in place of the argument parser's own error. */
export function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new UsageError(`${reason} (--help shows what can be said)`);
  }
}
