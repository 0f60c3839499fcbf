/**
 * `npm test`: every test. Those that disturb nobody share a process, the rest have one process a file; those that wait
 * for time to pass begin first.
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
/** Compiled code, kept from process to process and from run to run: most processes do little but load. */
const compileCache = path.join(root, 'node_modules/.cache/node');
/** A test that takes this long hangs. */
const testTimeoutMs = 120_000;
/** A run that takes this long hangs in a way that no test's own timeout ends: a loop that never yields. */
const runTimeoutMs = 600_000;

/**
 * Folders whose tests share a process, all groups at once: they start nothing that could disturb one another, and
 * loading the same code again for every file would take longer than they do.
 */
const sharing: readonly (readonly string[])[] = [
  [
    'tests/benchmarks/',
    'tests/core/',
    'tests/docs/',
    'tests/lib/',
    'tests/media-service/',
    'tests/scenarios/virtual/',
  ],
  [
    'tests/adapters/cloudwatch/',
    'tests/adapters/crypto/',
    'tests/adapters/elevenlabs/',
    'tests/adapters/logging/',
    'tests/adapters/mcp/',
    'tests/adapters/recorded-phrases/',
    'tests/adapters/ssm/',
    'tests/adapters/twilio/',
    'tests/adapters/webrtc-vad/',
    'tests/lambdas/',
  ],
];

/** Mostly wait: for speech in real time, for processes to come and go. They begin at once, beside all the others. */
const waiting: readonly string[] = [
  'tests/local/daemons/',
  'tests/local/main.test.ts',
  'tests/local/processes/',
  'tests/scenarios/books.test.ts',
  'tests/scenarios/deploy.test.ts',
  'tests/scenarios/killed-process.test.ts',
  'tests/scenarios/outbound.test.ts',
  'tests/scenarios/stack.test.ts',
];
const waitingAtOnce = 2;

export interface TestPlan {
  /** Each group runs in one process. */
  readonly shared: readonly (readonly string[])[];
  /** Run in a process each, from the beginning. */
  readonly waiting: readonly string[];
  /** Run in a process each, when the groups are through. */
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
  const isIn = (folders: readonly string[]) => (file: string) => folders.some((one) => file.startsWith(one));
  const shared = sharing.map((folders) => chosen.filter(isIn(folders)).sort());
  return {
    shared: shared.filter((files) => files.length > 0),
    waiting: chosen.filter(isIn(waiting)).sort(),
    isolated: chosen.filter((file) => !isIn([...sharing.flat(), ...waiting])(file)).sort(),
    options,
  };
}

/**
 * @param live whether what it says is shown as it comes; else at its end, in one piece, for another one is speaking.
 * @returns the runner's exit code; 0 when there is nothing to run.
 */
function runNode(arguments_: readonly string[], files: readonly string[], live: boolean): Promise<number> {
  if (files.length === 0) return Promise.resolve(0);
  const child = spawn(process.execPath, [...arguments_, ...files], {
    cwd: root,
    env: { NODE_COMPILE_CACHE: compileCache, ...process.env },
    stdio: ['inherit', live ? 'inherit' : 'pipe', 'inherit'],
  });
  const said: Buffer[] = [];
  child.stdout?.on('data', (data: Buffer) => said.push(data));
  const watchdog = setTimeout(() => {
    process.stderr.write(`The tests did not end within ${runTimeoutMs / 1000} s and are killed.\n`);
    child.kill('SIGKILL');
  }, runTimeoutMs);
  return new Promise<number>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', (code) => resolve(code ?? 1));
  }).finally(() => {
    clearTimeout(watchdog);
    process.stdout.write(Buffer.concat(said));
  });
}

async function runTests(argv: readonly string[]): Promise<number> {
  const files = globSync('tests/**/*.test.ts', { cwd: root }).map((file) => file.split(path.sep).join('/'));
  const plan = planTests(files, argv);
  if (plan.shared.length + plan.waiting.length + plan.isolated.length === 0) {
    process.stderr.write(
      `No test file matches ${argv.join(' ')}. Give a part of its path, such as tests/core.\n`,
    );
    return 1;
  }
  const common = ['--test', `--test-timeout=${testTimeoutMs}`, ...plan.options];
  const isAlone = plan.shared.length + plan.isolated.length === 0;
  const besides = runNode([...common, `--test-concurrency=${waitingAtOnce}`], plan.waiting, isAlone);
  const together = plan.shared.map((files, i) =>
    runNode([...common, '--test-isolation=none'], files, i === plan.shared.length - 1),
  );
  const codes = await Promise.all(together);
  const concurrency = os.availableParallelism();
  codes.push(await runNode([...common, `--test-concurrency=${concurrency}`], plan.isolated, true));
  codes.push(await besides);
  return codes.find((code) => code !== 0) ?? 0;
}

if (import.meta.main) process.exitCode = await runTests(process.argv.slice(2));
