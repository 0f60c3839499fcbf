/** The media task of a stage: its built image context on bare Node, started and stopped as ECS does. */
import { spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { untilHealthy } from '../processes/readiness.ts';
import type { StageTask } from './stage-parts.ts';

export interface RunningTask {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** SIGTERM. @returns how it ended; `killed` when it did not within its stop timeout. */
  stop(): Promise<number | 'killed' | null>;
  kill(): void;
}

const startTimeoutMs = 30_000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Rejects when it does not become healthy. */
export async function startTask(
  task: StageTask,
  options: {
    readonly folder: string;
    /** Secrets, and where this machine keeps the services. */
    readonly variables: Readonly<Record<string, string>>;
    readonly onOutput: (text: string) => void;
  },
): Promise<RunningTask> {
  const folder = path.join(options.folder, 'media');
  cpSync(task.folder, folder, { recursive: true });
  const port = await freePort();
  const child = spawn(process.execPath, ['main.mjs'], {
    cwd: folder,
    // Nothing of this shell; the port is the one that stands for the container's.
    env: {
      ...task.variables,
      ...options.variables,
      MEDIA_HOST: '127.0.0.1',
      MEDIA_PORT: String(port),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (data: Buffer) => options.onOutput(data.toString()));
  child.stderr.on('data', (data: Buffer) => options.onOutput(data.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = `http://127.0.0.1:${port}`;
  const healthy = await untilHealthy(`${url}/health`, startTimeoutMs, new AbortController().signal);
  if (!healthy) {
    child.kill('SIGKILL');
    throw new Error(`The media service is not healthy after ${startTimeoutMs / 1000} s.`);
  }
  return {
    url,
    kill: () => void child.kill('SIGKILL'),
    async stop() {
      let killed = false;
      const timer = setTimeout(() => {
        killed = true;
        child.kill('SIGKILL');
      }, task.stopTimeoutMs);
      child.kill('SIGTERM');
      const code = await exited;
      clearTimeout(timer);
      return killed ? 'killed' : code;
    },
  };
}
