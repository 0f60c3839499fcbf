/**
 * `npm test`: every test, the pure ones in one process and the rest one process a file.
 *
 *   npm test                                  everything
 *   npm test -- conversation tests/local      only files whose path contains one of these
 *   npm test -- --test-name-pattern=barge-in  options go to Node's test runner
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
/** A test that takes this long hangs. */
const testTimeoutMs = 120_000;
/** A run that takes this long hangs in a way that no test's own timeout ends: a loop that never yields. */
const runTimeoutMs = 600_000;

export interface TestPlan {
  /** Run in one process: they start nothing that could disturb one another. */
  readonly pure: readonly string[];
  /** Run in a process each. */
  readonly isolated: readonly string[];
  /** For the runner itself. */
  readonly options: readonly string[];
}

/** @param files paths relative to the project, with slashes. */
export function planTests(files: readonly string[], argv: readonly string[]): TestPlan {
  const options = argv.filter((argument) => argument.startsWith('-'));
  const wanted = argv
    .filter((argument) => !argument.startsWith('-'))
    .map((part) => part.replace(/^\.\//, ''));
  const chosen = files.filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)));
  return {
    pure: chosen.filter((file) => file.startsWith('tests/core/')).sort(),
    isolated: chosen.filter((file) => !file.startsWith('tests/core/')).sort(),
    options,
  };
}

/** @returns the runner's exit code; 0 when there is nothing to run. */
function runNode(arguments_: readonly string[], files: readonly string[]): Promise<number> {
  if (files.length === 0) return Promise.resolve(0);
  const child = spawn(process.execPath, [...arguments_, ...files], { cwd: root, stdio: 'inherit' });
  const watchdog = setTimeout(() => {
    process.stderr.write(`The tests did not end within ${runTimeoutMs / 1000} s and are killed.\n`);
    child.kill('SIGKILL');
  }, runTimeoutMs);
  return new Promise<number>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  }).finally(() => clearTimeout(watchdog));
}

async function runTests(argv: readonly string[]): Promise<number> {
  const files = globSync('tests/**/*.test.ts', { cwd: root }).map((file) => file.split(path.sep).join('/'));
  const plan = planTests(files, argv);
  if (plan.pure.length + plan.isolated.length === 0) {
    process.stderr.write(
      `No test file matches ${argv.join(' ')}. Give a part of its path, such as tests/core.\n`,
    );
    return 1;
  }
  const common = ['--test', `--test-timeout=${testTimeoutMs}`, ...plan.options];
  // Calls in real time leave a core idle for much of the time.
  const concurrency = os.availableParallelism() + 1;
  const pure = await runNode([...common, '--test-isolation=none'], plan.pure);
  const isolated = await runNode([...common, `--test-concurrency=${concurrency}`], plan.isolated);
  return pure || isolated;
}

if (import.meta.main) process.exitCode = await runTests(process.argv.slice(2));
