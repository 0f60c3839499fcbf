import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { describe, test } from 'node:test';

const source = path.resolve(import.meta.dirname, '../../local/command-line.ts');
const script = `
  import { runCommand, UsageError } from ${JSON.stringify(source)};
  await runCommand({
    help: 'how it is used\\n',
    options: { loud: { type: 'boolean', default: false } },
    actions: ['add', 'remove', 'list'],
    async run({ action, words, values }) {
      if (words[0] === 'wrong') throw new UsageError('Say it differently.');
      if (words[0] === 'broken') throw new Error('It is broken.');
      console.log(action, words.join('+'), values.loud);
      return 3;
    },
  });`;

/** @returns exit code, standard output and standard error. */
const run = (...words: readonly string[]): Promise<readonly [number, string, string]> =>
  new Promise((resolve) => {
    const args = ['--input-type=module', '--eval', script, '--', ...words];
    const child = execFile(process.execPath, args, (_error, stdout, stderr) =>
      resolve([child.exitCode ?? -1, stdout, stderr]),
    );
  });

describe('A command', () => {
  test('is told its action, the words behind it and its options, and ends with what it returns', async () => {
    assert.deepEqual(await run('add', 'a', 'b', '--loud'), [3, 'add a+b true\n', '']);
  });

  test('shows how it is used when asked, and as an error when it is not told what to do', async () => {
    assert.deepEqual(await run('--help'), [0, 'how it is used\n', '']);
    assert.deepEqual(await run(), [2, 'how it is used\n', '']);
  });

  test('says in one line what is wrong with what it was told', async () => {
    const answers = await Promise.all([
      run('nope'),
      run('add', '--quiet'),
      run('add', 'wrong'),
      run('add', 'broken'),
    ]);

    assert.deepEqual(answers, [
      [2, '', '"nope" is not known: add, remove or list (--help shows how).\n'],
      [
        2,
        '',
        "Unknown option '--quiet'. To specify a positional argument starting with a '-', place it at the end of the command after '--', as in '-- \"--quiet\" (--help shows what can be said)\n",
      ],
      [2, '', 'Say it differently.\n'],
      [1, '', 'It is broken.\n'],
    ]);
  });
});
