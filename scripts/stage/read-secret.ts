/** A value that must not be seen: typed at a prompt without an echo, or piped in. Never an argument. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

export interface SecretInput {
  readonly stdin: NodeJS.ReadStream;
  readonly stderr: NodeJS.WritableStream;
}

/** @returns without the line end that an editor or `echo` adds. Rejects when the person gives up (Ctrl-C, Ctrl-D). */
export async function readSecret(question: string, { stdin, stderr }: SecretInput): Promise<string> {
  if (!stdin.isTTY) return (await text(stdin)).replace(/\r?\n$/, '');
  stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: stdin, output: silent, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      prompt.once('line', resolve);
      prompt.once('SIGINT', () => reject(new Error('Nothing was put.')));
      prompt.once('close', () => reject(new Error('Nothing was put.')));
    });
  } finally {
    prompt.close();
    stderr.write('\n');
  }
}
