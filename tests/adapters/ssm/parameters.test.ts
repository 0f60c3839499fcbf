import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createSsmClient } from '#adapters/ssm/client.ts';
import { listVersions } from '#adapters/ssm/list-versions.ts';
import { createReadParameters } from '#adapters/ssm/read-parameters.ts';
import { writeParameter } from '#adapters/ssm/write-parameter.ts';
import { isProviderError } from '#core/errors.ts';
import { developmentAwsCredentials } from '#local/development-values.ts';
import { type SimulatedSsm, startSimulatedSsm } from '#local/vendors/ssm/server.ts';

let ssm: SimulatedSsm;
before(async () => {
  Object.assign(process.env, developmentAwsCredentials);
  ssm = await startSimulatedSsm();
});
after(() => ssm.close());

const open = () => createSsmClient({ region: 'us-east-1', endpoint: ssm.url });
const secret = (name: string, value = 'value') =>
  ({ name, value, type: 'SecureString', description: 'A secret' }) as const;

async function failureOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(isProviderError(error));
  assert.equal(error.provider, 'ssm');
  return error.failure;
}

describe('The parameter store', () => {
  test('gives back decrypted what was put, with its version, and says nothing of what is not there', async () => {
    const client = open();
    await writeParameter(client, secret('/a/dev/one', 'first'));
    const version = await writeParameter(client, secret('/a/dev/one', 'second'));

    const found = await createReadParameters(client)(['/a/dev/one', '/a/dev/none', '/a/dev/one']);

    assert.equal(version, 2);
    assert.deepEqual([...found.keys()], ['/a/dev/one']);
    const one = found.get('/a/dev/one');
    assert.deepEqual([one?.value, one?.version, one?.isEncrypted], ['second', 2, true]);
  });

  test('is asked for more than ten names in several requests', async () => {
    const client = open();
    const names = Array.from({ length: 23 }, (_, index) => `/b/dev/${index}`);
    for (const name of names) await writeParameter(client, secret(name));

    const found = await createReadParameters(client)(names);

    assert.equal(found.size, 23);
  });

  const failures: readonly (readonly [string, readonly string[], string])[] = [
    ['refuses us', ['AccessDeniedException'], 'refused'],
    ['is throttled twice', ['ThrottlingException', 'ThrottlingException'], 'overloaded'],
    ['breaks twice', ['InternalServerError', 'InternalServerError'], 'unavailable'],
  ];
  for (const [what, codes, failure] of failures)
    test(`that ${what} is a typed failure`, async () => {
      ssm.failNext(...codes);

      assert.equal(await failureOf(createReadParameters(open())(['/c/dev/one'])), failure);
    });

  test('that breaks once is asked again', async () => {
    ssm.failNext('InternalServerError');

    assert.equal((await createReadParameters(open())(['/d/dev/one'])).size, 0);
  });

  test('tells versions without values, page by page, of one folder only', async () => {
    const client = open();
    for (let index = 0; index < 60; index += 1) await writeParameter(client, secret(`/g/dev/voice/${index}`));
    await writeParameter(client, secret('/g/dev/voice/7'));
    await writeParameter(client, secret('/g/dev/voice/deeper/one'));

    const versions = await listVersions(client, '/g/dev/voice');

    assert.equal(versions.size, 60);
    assert.equal(versions.get('/g/dev/voice/7'), 2);
  });

  test('that cannot be reached is unavailable', async () => {
    const client = createSsmClient({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1' });

    assert.equal(await failureOf(createReadParameters(client)(['/e/dev/one'])), 'unavailable');
  });

  test('refuses a value that no standard parameter holds', async () => {
    assert.equal(
      await failureOf(writeParameter(open(), secret('/f/dev/one', 'x'.repeat(4097)))),
      'invalid-request',
    );
  });
});
