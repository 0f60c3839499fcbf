/** `npm run keys` as a person runs it, against a strict parameter store that a server reads. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { digestApiKey } from '#adapters/crypto/api-keys.ts';
import { createSsmClient } from '#adapters/ssm/client.ts';
import { createReadParameters } from '#adapters/ssm/read-parameters.ts';
import { writeParameter } from '#adapters/ssm/write-parameter.ts';
import { createEnvironmentReader } from '#lambdas/secret-parameters.ts';
import { createWire } from '#lambdas/wire.ts';
import { developmentAwsCredentials } from '#local/development-values.ts';
import { type SimulatedSsm, startSimulatedSsm } from '#local/vendors/ssm/server.ts';
import { environment } from '#tests/lambdas/functions.ts';
import { childEnvironment } from '#tests/support/child-environment.ts';
import { startTestDatabase, type TestDatabase } from '#tests/support/embedded-database.ts';
import { startLocalApi } from '#tests/support/local-api.ts';

const root = path.resolve(import.meta.dirname, '../..');
const region = 'us-east-1';

let ssm: SimulatedSsm;
let database: TestDatabase;
before(async () => {
  database = await startTestDatabase();
  ssm = await startSimulatedSsm();
});
after(() => Promise.all([ssm.close(), database.close()]));

const parameterOf = (stage: string) => `/cotrackpro/${stage}/voice/api_keys`;

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param stage a test's own */
async function keys(
  stage: string,
  command: string,
  options: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const argv = [command, '--stage', stage, '--region', region, ...options];
  const child = spawn(process.execPath, ['scripts/keys.ts', ...argv], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...childEnvironment, ...developmentAwsCredentials, AWS_ENDPOINT_URL_SSM: ssm.url, ...env },
  });
  const code = new Promise<number>((resolve) => child.once('exit', (status) => resolve(status ?? -1)));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

async function create(
  stage: string,
  id: string,
  scopes: string,
  more: readonly string[] = [],
): Promise<string> {
  const { code, stdout, stderr } = await keys(stage, 'create', ['--id', id, '--scopes', scopes, ...more]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^vck_[\w-]{43}\n$/, 'the key alone, so that it can be piped');
  const key = stdout.trim();
  assert.ok(!stderr.includes(key), 'nowhere else');
  return key;
}

const client = () => createSsmClient({ region, endpoint: ssm.url });

async function stored(stage: string): Promise<string> {
  return (await createReadParameters(client())([parameterOf(stage)])).get(parameterOf(stage))?.value ?? '';
}

/** The functions of a stage, which ask the store before every request and not only every five minutes. */
async function startServer(stage: string) {
  const read = createReadParameters(client());
  const variables = {
    ...environment,
    LOG_LEVEL: 'error',
    AWS_ENDPOINT_URL_DYNAMODB: database.url,
    SECRET_PARAMETERS: `API_KEYS?=${parameterOf(stage)}`,
  };
  const load = createWire(createEnvironmentReader(variables, read), { freshMs: 0, nowMs: () => 0 });
  const api = await startLocalApi(load, (name, error) => assert.fail(`${name}: ${String(error)}`));
  const status = async (key: string, method = 'GET', route = '/records') => {
    const headers = { authorization: `Bearer ${key}`, connection: 'close' };
    const response = await fetch(`http://127.0.0.1:${api.port}${route}`, { method, headers });
    await response.arrayBuffer();
    return response.status;
  };
  return { status, close: () => api.close() };
}

describe('npm run keys', { concurrency: 2 }, () => {
  test('makes a key that opens what its scopes say; two are good at once; revoked, one opens nothing', async () => {
    const server = await startServer('rotate');
    const first = await create('rotate', 'crm', 'records:read');
    const opened = await server.status(first);
    const forbidden = await server.status(first, 'DELETE', `/records/CA${'0'.repeat(32)}`);
    const second = await create('rotate', 'crm-2', 'records:read,records:delete', ['--days', '90']);
    const both = [await server.status(first), await server.status(second)];
    const deleting = await server.status(second, 'DELETE', `/records/CA${'0'.repeat(32)}`);
    const revoked = await keys('rotate', 'revoke', ['--id', 'crm']);
    const afterwards = [await server.status(first), await server.status(second)];
    const listed = await keys('rotate', 'list');
    const list = await stored('rotate');
    await server.close();

    assert.deepEqual([opened, forbidden], [200, 403]);
    assert.deepEqual([both, deleting], [[200, 200], 404]);
    assert.equal(revoked.code, 0, revoked.stderr);
    assert.deepEqual(afterwards, [401, 200]);
    assert.match(listed.stdout, /^crm-2 {2}records:read,records:delete {2}until \d{4}-\d\d-\d\dT\S+Z\n$/);
    const printed = [revoked, listed].flatMap(({ stdout, stderr }) => [stdout, stderr]).join('');
    for (const key of [first, second]) {
      assert.ok(!list.includes(key), 'only its digest is kept');
      assert.ok(!printed.includes(key) && !printed.includes(digestApiKey(key)));
    }
  });

  test('shows a key that is over as such, and it opens nothing', async () => {
    const ended = { id: 'old', sha256: digestApiKey('vck_old'), scopes: ['records:read'] };
    const value = JSON.stringify([{ ...ended, expiresAt: new Date(Date.now() - 1_000).toISOString() }]);
    const name = parameterOf('ended');
    await writeParameter(client(), { name, value, type: 'SecureString', description: 'Keys' });
    const server = await startServer('ended');
    const status = await server.status('vck_old');
    const { stdout } = await keys('ended', 'list');
    await server.close();

    assert.equal(status, 401);
    assert.match(stdout, /^old {2}records:read {2}EXPIRED /);
  });

  test('refuses what it cannot do with exit code 2, says how it is done, and changes nothing', async () => {
    const key = await create('mistakes', 'crm', 'records:read');
    const before = await stored('mistakes');
    const rows: readonly (readonly [string, readonly string[], RegExp])[] = [
      [
        'create',
        ['--id', 'x', '--scopes', 'records:read,records:write'],
        /no scope "records:write".*calls:write/,
      ],
      ['create', ['--id', 'crm', '--scopes', 'records:read'], /create "crm-2", then revoke "crm"/],
      ['create', ['--id', 'x', '--scopes', 'records:read', '--days', '0'], /--days takes a whole number/],
      ['revoke', ['--id', 'nobody'], /no key "nobody". There are: crm/],
      ['rotate', [], /create, list or revoke/],
    ];

    for (const [command, options, message] of rows) {
      const { code, stdout, stderr } = await keys('mistakes', command, options);
      assert.deepEqual([code, stdout], [2, ''], command);
      assert.match(stderr, message);
      assert.ok(!stderr.includes(digestApiKey(key)));
    }
    assert.equal(await stored('mistakes'), before);
  });

  test('explains itself without asking the store', async () => {
    const { code, stdout } = await keys('help', '--help', [], { AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:1' });

    assert.equal(code, 0);
    assert.match(stdout, /create --stage dev --id crm --scopes calls:write,records:read/);
  });

  test('tells when somebody else changed the list at the same moment', async () => {
    const both = await Promise.all(
      ['one', 'two'].map((id) => keys('race', 'create', ['--id', id, '--scopes', 'records:read'])),
    );
    const kept = JSON.parse(await stored('race')) as { id: string }[];
    const told = both.filter(({ code }) => code !== 0);

    // Whoever came second either saw the first one's key, or is told that it is lost.
    assert.equal(kept.length + told.length, 2);
    for (const { stdout, stderr } of told) {
      assert.match(stderr, /at the same moment/);
      assert.equal(stdout, '');
    }
  });
});
