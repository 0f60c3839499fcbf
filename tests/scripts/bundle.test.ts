import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { functionNames } from '#lib/api/function-table.ts';
import { secretValues } from '#tests/lib/secret-values.ts';
import { bundle } from '../../scripts/bundle.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'voice-bundle-'));
const dist = path.join(folder, 'dist');
/** Outside of the project: no package can be found from here. */
const elsewhere = path.join(folder, 'elsewhere');
const children: ChildProcess[] = [];

before(async () => {
  await bundle(dist);
  mkdirSync(elsewhere);
});
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A port that is free now; the listener on it is closed again. */
async function freePort(): Promise<number> {
  const server: Server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function start(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

describe('The bundle of the media service', () => {
  test('is all that lies beside its Dockerfile', () => {
    const files = readdirSync(path.join(dist, 'media')).sort();

    assert.deepEqual(files, ['Dockerfile', 'fvad.wasm', 'main.mjs']);
  });

  test('runs from an empty directory with nothing but Node: it says that it lives, and ends on SIGTERM', async () => {
    const app = path.join(elsewhere, 'app');
    cpSync(path.join(dist, 'media'), app, { recursive: true });
    const port = await freePort();
    const child = start(['main.mjs'], app, {
      ...secretValues,
      STAGE: 'test',
      MEDIA_PORT: String(port),
      MEDIA_HOST: '127.0.0.1',
      MEDIA_BASE_URL: 'wss://media.example.com',
      CALLS_TABLE: 'calls',
      COSTS_TABLE: 'costs',
      LIMITS_TABLE: 'limits',
      DRAIN_ACCEPT_MS: '0',
      DRAIN_GRACE_MS: '0',
      DRAIN_GOODBYE_MS: '0',
    });
    assert.ok(child.stdout);
    for await (const line of createInterface({ input: child.stdout }))
      if (line.includes('"media.listening"')) break;

    const response = await fetch(`http://127.0.0.1:${port}/health`);
    const health = (await response.json()) as { readonly status: string };
    child.stdout.resume();
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number | null];

    assert.equal(response.status, 200);
    assert.equal(health.status, 'alive');
    assert.equal(code, 0);
  });
});

describe('The bundles of the functions', () => {
  const sourceOf = (name: string) => readFileSync(path.join(dist, 'functions', name, 'index.cjs'), 'utf8');

  test('holds the builder of TwiML only where somebody is on the phone: a cold start reads all of it', () => {
    const building = functionNames.filter((name) => sourceOf(name).includes('VoiceResponse'));

    assert.ok(building.includes('inbound-call'));
    assert.deepEqual(
      building.filter((name) => /^(records?|costs|consent|health|docs|openapi)/.test(name)),
      [],
    );
  });

  test('are one for each function of the table', () => {
    assert.deepEqual(readdirSync(path.join(dist, 'functions')).sort(), functionNames.toSorted());
  });

  test('can be loaded from an empty directory and hold a handler', async () => {
    const app = path.join(elsewhere, 'functions');
    cpSync(path.join(dist, 'functions'), app, { recursive: true });
    const script = `
      for (const name of ${JSON.stringify(functionNames)}) {
        const { handler } = await import(\`./\${name}/index.cjs\`);
        if (typeof handler !== 'function') console.log(name);
      }`;
    const child = start(['--input-type=module', '--eval', script], app);
    const lines: string[] = [];
    child.stdout?.on('data', (data: Buffer) => lines.push(data.toString()));

    const [code] = (await once(child, 'exit')) as [number | null];

    assert.equal(code, 0);
    assert.deepEqual(lines, []);
  });
});
