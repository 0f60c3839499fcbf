/** The media service as a container runs it: its own process, stopped by SIGTERM, killed when it does not go. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { childEnvironment } from './child-environment.ts';
import { findFreePorts } from './free-ports.ts';
import { eventually } from './running-stack.ts';

export interface MediaTask {
  readonly port: number;
  /** JSON lines that it has written so far. */
  lines(): readonly Record<string, unknown>[];
  /** As ECS does it. @returns how it went. */
  stop(timeoutMs: number): Promise<{ readonly code: number | null; readonly killed: boolean }>;
  kill(): void;
}

const root = path.resolve(import.meta.dirname, '../..');
const startTimeoutMs = 30_000;

export async function startMediaTask(env: Readonly<Record<string, string>>): Promise<MediaTask> {
  const [port] = await findFreePorts(1);
  const child = spawn(process.execPath, ['media-service/main.ts'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...childEnvironment, ...env, MEDIA_PORT: String(port), MEDIA_HOST: '127.0.0.1' },
  });
  const lines: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) lines.push(JSON.parse(line) as Record<string, unknown>);
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`The media service ended with code ${child.exitCode}`);
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
    await answer?.arrayBuffer();
    return answer?.ok ? true : undefined;
  }, startTimeoutMs).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    port: Number(port),
    lines: () => lines,
    stop: (timeoutMs) => stopChild(child, exited, timeoutMs),
    kill: () => void child.kill('SIGKILL'),
  };
}

async function stopChild(child: ChildProcess, exited: Promise<number | null>, timeoutMs: number) {
  let killed = false;
  const timer = setTimeout(() => {
    killed = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  child.kill('SIGTERM');
  const code = await exited;
  clearTimeout(timer);
  return { code, killed };
}
