/** The whole center as `npm start` runs it, on free ports and in a directory of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Stack, stackFile, stackSchema } from '#local/stack-file.ts';
import { childEnvironment } from './child-environment.ts';
import { findFreePorts } from './free-ports.ts';

export interface RunningStack {
  readonly stack: Stack;
  /** JSON lines that the processes have written so far. */
  logLines(): readonly Record<string, unknown>[];
  stop(): Promise<void>;
}

const startTimeoutMs = 30_000;
const pollMs = 50;

/** Waits, on real time, until something is there. */
export async function eventually<T>(
  find: () => Promise<T | undefined> | T | undefined,
  limitMs: number,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await Promise.resolve(find());
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`Nothing within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

export async function startStack(extra: Readonly<Record<string, string>> = {}): Promise<RunningStack> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'voice-center-'));
  const root = path.resolve(import.meta.dirname, '../..');
  const [port, mediaPort] = await findFreePorts(2);
  const child = spawn(process.execPath, ['local/main.ts'], {
    cwd: root,
    stdio: 'ignore',
    env: {
      ...childEnvironment,
      DATA_DIR: dataDir,
      PORT: String(port),
      MEDIA_PORT: String(mediaPort),
      ...extra,
    },
  });
  const isReady = async () => {
    if (child.exitCode !== null) throw new Error(`The stack ended with code ${child.exitCode}`);
    const stack = readStack(dataDir);
    if (!stack) return undefined;
    const healthy = await Promise.all([stack.httpUrl, stack.mediaUrl.replace(/^ws/, 'http')].map(isHealthy));
    return healthy.every(Boolean) ? stack : undefined;
  };
  const stack = await eventually(isReady, startTimeoutMs).catch(async (error: unknown) => {
    await end(child);
    throw error;
  });
  return {
    stack,
    logLines: () => readLines(stack.logFile),
    async stop() {
      await end(child);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function readStack(dataDir: string): Stack | undefined {
  try {
    return stackSchema.parse(JSON.parse(readFileSync(stackFile(dataDir), 'utf8')));
  } catch {
    return undefined;
  }
}

async function isHealthy(url: string): Promise<boolean> {
  return fetch(`${url}/health`).then(
    ({ ok }) => ok,
    () => false,
  );
}

function readLines(file: string): readonly Record<string, unknown>[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
