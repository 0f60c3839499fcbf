import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, readDaemonFile } from '#local/daemons/daemon-file.ts';
import { stackSchema } from '#local/stack-file.ts';
import { childEnvironment } from '#tests/support/child-environment.ts';
import { findFreePorts } from '#tests/support/free-ports.ts';

const main = path.resolve(import.meta.dirname, '../../local/main.ts');

interface Line {
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** Ports that are free now; held together so that they differ. */
describe('npm start', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-'));
  const started: ChildProcess[] = [];
  after(() => {
    for (const child of started) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (variables: Record<string, string>) => {
    const child = spawn(process.execPath, [main], {
      // Where there is no .env, and without the keys of whoever runs the tests.
      cwd: folder,
      env: {
        ...childEnvironment,
        HOME: process.env['HOME'],
        DATA_DIR: 'data',
        ...variables,
      } as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
    });
    const seen: Line[] = [];
    const waiting = new Set<() => void>();
    createInterface(child.stdout).on('line', (line) => {
      seen.push(JSON.parse(line) as Line);
      for (const look of waiting) look();
    });
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const until = (holds: (line: Line) => boolean, from = 0) =>
      new Promise<Line>((resolve, reject) => {
        const look = () => {
          const found = seen.slice(from).find(holds);
          if (!found) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        void ended.then(() =>
          reject(new Error(`It ended before that: ${complaints} ${JSON.stringify(seen.slice(-5))}`)),
        );
      });
    return { child, seen, ended, until, complaints: () => complaints };
  };

  const statusOf = async (url: string) => (await fetch(url)).status;

  it('runs everything without any account, brings back what is killed, and leaves nothing behind', async () => {
    const [port, mediaPort] = (await findFreePorts(2)) as [number, number];
    const stack = start({ PORT: String(port), MEDIA_PORT: String(mediaPort) });
    await stack.until(({ msg }) => msg === 'local.ready');
    const http = `http://127.0.0.1:${port}/health`;
    const media = `http://127.0.0.1:${mediaPort}/health`;
    const healthy = [await statusOf(http), await statusOf(media)];
    const described = stackSchema.parse(
      JSON.parse(readFileSync(path.join(folder, 'data/stack.json'), 'utf8')),
    );
    const vendors = stack.seen.filter(({ msg }) => msg === 'local.vendor');
    const daemons = path.join(folder, 'data/daemons');
    const helpers = readdirSync(daemons)
      .filter((file) => file.endsWith('.json'))
      .map((file) => readDaemonFile(path.join(daemons, file))?.pid as number);

    const first = stack.seen.find(
      ({ msg, process }) => msg === 'local.process-started' && process === 'http',
    );
    const before = stack.seen.length;
    process.kill(first?.['pid'] as number, 'SIGKILL');
    await stack.until(({ msg }) => msg === 'local.http-ready', before);
    const healthyAgain = await statusOf(http);

    stack.child.kill('SIGTERM');
    const [code] = await stack.ended;
    const deadlineMs = performance.now() + 5_000;
    while (helpers.some(isAlive) && performance.now() < deadlineMs) await delay(10);

    assert.deepEqual(healthy, [200, 200]);
    assert.deepEqual(new Set(vendors.map(({ mode }) => mode)), new Set(['simulated']));
    assert.equal(described.httpUrl, `http://127.0.0.1:${port}`);
    assert.equal(described.elevenlabs.simulated, true);
    assert.match(described.twilio.phoneUrl ?? '', /^ws:\/\/127\.0\.0\.1:\d+\/_simulated\/phone$/);
    assert.equal(healthyAgain, 200);
    assert.equal(code, 0);
    assert.equal(helpers.length, 3);
    assert.deepEqual(helpers.filter(isAlive), []);
    assert.equal(existsSync(path.join(folder, 'data/stack.json')), false);
    assert.equal(existsSync(described.logFile), true);
  });

  it('names the variable and the mend when its port is taken', async () => {
    const blocker = net.createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const taken = (blocker.address() as net.AddressInfo).port;
    const stack = start({ PORT: String(taken) });

    const [code] = await stack.ended;
    blocker.close();

    assert.equal(code, 78);
    assert.match(stack.complaints(), new RegExp(`Port ${taken} is in use.*set PORT to another port`));
  });

  it('names every setting that is wrong', async () => {
    const stack = start({ STAGE: 'prod', ANTHROPIC_BASE_URL: 'nowhere' });

    const [code] = await stack.ended;

    assert.equal(code, 78);
    assert.match(stack.complaints(), /STAGE is not "local"/);
    assert.match(stack.complaints(), /ANTHROPIC_BASE_URL is not/);
  });
});
