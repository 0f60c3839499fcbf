/** The commands as a person runs them, each in a process of its own, against a strict parameter store. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { createSsmClient } from '#adapters/ssm/client.ts';
import { createReadParameters } from '#adapters/ssm/read-parameters.ts';
import { writeParameter } from '#adapters/ssm/write-parameter.ts';
import { secrets } from '#lib/secrets/manifest.ts';
import { developmentAwsCredentials } from '#local/development-values.ts';
import { type SimulatedSsm, startSimulatedSsm } from '#local/vendors/ssm/server.ts';
import { childEnvironment } from '#tests/support/child-environment.ts';

const root = path.resolve(import.meta.dirname, '../..');
const random = 'q8ZrT1uVb0cXyLkM3nPwS5dEfGhJ7a9B';
const token = '0123456789abcdef0123456789abcdef';
const values: Readonly<Record<string, string>> = {
  twilio_auth_token: token,
  stream_token_secret: random,
  phone_hash_key: random,
  cursor_secret: random,
  api_keys: '[]',
  cron_secret: random,
  anthropic_api_key: `sk-ant-api03-${random}`,
  elevenlabs_api_key: `sk_${token}`,
};

let ssm: SimulatedSsm;
before(async () => {
  Object.assign(process.env, developmentAwsCredentials);
  ssm = await startSimulatedSsm();
});
after(() => ssm.close());

interface Ran {
  readonly code: number;
  readonly output: string;
}

async function run(
  script: string,
  argv: readonly string[],
  input: string | undefined,
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [`scripts/${script}.ts`, ...argv], {
    cwd: root,
    stdio: 'pipe',
    env: { ...childEnvironment, ...developmentAwsCredentials, AWS_ENDPOINT_URL_SSM: ssm.url, ...env },
  });
  child.stdin.end(input ?? '');
  const code = new Promise<number>((resolve) => child.once('exit', (status) => resolve(status ?? -1)));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, output: `${stdout}${stderr}` };
}

const region = ['--region', 'us-east-1'];
const stored = async (name: string) =>
  (await createReadParameters(createSsmClient({ region: 'us-east-1', endpoint: ssm.url }))([name])).get(name);
async function fill(stage: string, except: readonly string[] = []): Promise<void> {
  const client = createSsmClient({ region: 'us-east-1', endpoint: ssm.url });
  for (const { id, parameterName, description } of secrets) {
    const value = values[id];
    if (value !== undefined && !except.includes(id))
      await writeParameter(client, { name: parameterName(stage), value, type: 'SecureString', description });
  }
  const map = `/cotrackpro/${stage}/voice/inbound_phone_map`;
  await writeParameter(client, { name: map, value: '{}', type: 'String', description: 'Map' });
}

describe('npm run secrets', { concurrency: 3 }, () => {
  test('puts what is piped in, encrypted, and never prints it', async () => {
    const argv = ['put', '--stage', 'put', ...region, 'anthropic_api_key'];

    const { code, output } = await run('secrets', argv, `${values['anthropic_api_key']}\n`);

    assert.equal(code, 0, output);
    assert.match(output, /\/cotrackpro\/put\/voice\/anthropic_api_key is version 1/);
    assert.ok(!output.includes(random));
    const parameter = await stored('/cotrackpro/put/voice/anthropic_api_key');
    assert.deepEqual([parameter?.value, parameter?.isEncrypted], [values['anthropic_api_key'], true]);
  });

  test('takes no value as an argument and none that is malformed, without repeating it', async () => {
    const argument = await run(
      'secrets',
      ['put', '--stage', 'no', ...region, 'cursor_secret', random],
      undefined,
    );
    const malformed = await run('secrets', ['put', '--stage', 'no', ...region, 'twilio_auth_token'], random);

    for (const { code, output } of [argument, malformed]) {
      assert.equal(code, 2);
      assert.ok(!output.includes(random));
    }
    assert.match(malformed.output, /32 hexadecimal digits/);
    assert.equal(await stored('/cotrackpro/no/voice/twilio_auth_token'), undefined);
  });

  test('makes a secret that is only ours, but no second hash key by mistake', async () => {
    const argv = ['put', '--stage', 'own', ...region, '--generate', 'phone_hash_key'];

    const first = await run('secrets', argv, undefined);
    const made = await stored('/cotrackpro/own/voice/phone_hash_key');
    const second = await run('secrets', argv, undefined);

    assert.equal(first.code, 0, first.output);
    assert.ok((made?.value.length ?? 0) >= 40);
    assert.ok(!first.output.includes(made?.value ?? ''));
    assert.equal(second.code, 2);
    assert.equal((await stored('/cotrackpro/own/voice/phone_hash_key'))?.value, made?.value);
  });

  test('finds a complete stage good', async () => {
    await fill('good');

    const { code, output } = await run('secrets', ['check', '--stage', 'good', ...region], undefined);

    assert.equal(code, 0, output);
    assert.doesNotMatch(output, /MISSING|MALFORMED|stale/);
  });

  test('names what is missing and what is malformed, and how to mend it', async () => {
    await fill('bad', ['cursor_secret']);
    const client = createSsmClient({ region: 'us-east-1', endpoint: ssm.url });
    const name = '/cotrackpro/bad/voice/cron_secret';
    await writeParameter(client, { name, value: random, type: 'String', description: 'In clear' });

    const { code, output } = await run('secrets', ['check', '--stage', 'bad', ...region], undefined);

    assert.equal(code, 1);
    assert.match(output, /MISSING +\S+cursor_secret: npm run secrets -- put --stage bad cursor_secret/);
    assert.ok(!output.includes(random));
  });
});

describe('npm run phone-map', { concurrency: 3 }, () => {
  test('opens the editor with the map, puts what was saved, and shows it', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'editor-'));
    const editor = path.join(folder, 'editor.sh');
    writeFileSync(editor, `echo '{"+12025550142":{"role":"judge"}}' > "$1"\n`);

    const edited = await run('phone-map', ['edit', '--stage', 'map', ...region], undefined, {
      EDITOR: `/bin/sh ${editor}`,
    });
    const shown = await run('phone-map', ['show', '--stage', 'map', ...region], undefined);
    await rm(folder, { recursive: true });

    assert.equal(edited.code, 0, edited.output);
    assert.deepEqual(JSON.parse(shown.output), { '+12025550142': { role: 'judge' } });
  });

  test('says what is wrong with a map and puts nothing', async () => {
    const wrong = '{"+12025550142":{"role":"wizard"}}';

    const validated = await run('phone-map', ['validate'], wrong);
    const put = await run('phone-map', ['put', '--stage', 'none', ...region], wrong);

    for (const { code, output } of [validated, put]) {
      assert.equal(code, 2);
      assert.match(output, /\+12025550142\.role/);
    }
    assert.equal(await stored('/cotrackpro/none/voice/inbound_phone_map'), undefined);
  });
});

describe('npm run deploy', () => {
  test('stops before anything is built or changed when a secret is missing', async () => {
    await fill('short', ['anthropic_api_key']);

    const { code, output } = await run('deploy', ['deploy', '--stage', 'short', ...region], undefined);

    assert.equal(code, 1);
    assert.match(output, /MISSING +\S+anthropic_api_key/);
    assert.doesNotMatch(output, /==/);
  });

  test('of prod is not begun where nobody can confirm it', async () => {
    await fill('prod');

    const { code, output } = await run('deploy', ['deploy', '--stage', 'prod', ...region], undefined);

    assert.equal(code, 2);
    assert.match(output, /--yes/);
    assert.doesNotMatch(output, /==/);
  });
});
