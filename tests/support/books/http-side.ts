/** The HTTP side as on one machine: its own process, its lines kept. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { childEnvironment } from '#tests/support/child-environment.ts';
import { eventually } from '#tests/support/running-stack.ts';

export interface HttpSide {
  lines(): readonly Record<string, unknown>[];
  stop(): Promise<void>;
}

const root = path.resolve(import.meta.dirname, '../../..');
const startTimeoutMs = 30_000;

export async function startHttpSide(env: Readonly<Record<string, string>>): Promise<HttpSide> {
  const child = spawn(process.execPath, ['local/http-server.ts'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...childEnvironment, ...env },
  });
  const ended = once(child, 'exit');
  const lines: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) lines.push(JSON.parse(line) as Record<string, unknown>);
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`The HTTP side ended with code ${child.exitCode}`);
    const answer = await fetch(`${env['PUBLIC_BASE_URL']}/health`).catch(() => undefined);
    await answer?.arrayBuffer();
    return answer?.ok ? true : undefined;
  }, startTimeoutMs).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { lines: () => lines, stop };
}
