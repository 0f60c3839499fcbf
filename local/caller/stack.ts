/** Finds the running stack. */
import { readFileSync } from 'node:fs';
import { type Stack, stackFile, stackSchema } from '../stack-file.ts';

export class NoStackError extends Error {
  constructor(problem: string) {
    super(`${problem} Start the center with "npm start" and try again.`);
    this.name = 'NoStackError';
  }
}

/** Throws `NoStackError`. */
export function findStack(dataDir: string): Stack {
  try {
    return stackSchema.parse(JSON.parse(readFileSync(stackFile(dataDir), 'utf8')));
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new NoStackError(missing ? 'Nothing runs here.' : 'stack.json cannot be read.');
  }
}
