import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { createDynamoCallStore } from '#adapters/dynamodb/call-store.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { ProviderError } from '#core/errors.ts';
import { developmentAwsCredentials } from '#local/development-values.ts';
import { newCallSid } from '#tests/support/calls.ts';

Object.assign(process.env, developmentAwsCredentials);

interface Answer {
  readonly status: number;
  readonly type?: string;
}

/** A database that answers every request in the same way, or never. */
async function databaseThat(answer: Answer | 'never') {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    request.resume();
    if (answer === 'never') return;
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(
      JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${answer.type}`, message: 'No' }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const documents = createDynamoDocuments({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requestTimeoutMs: 60,
  });
  const store = createDynamoCallStore({
    documents,
    table: 'calls',
    cursorSecret: 'secret',
    now: () => new Date('2026-11-21T12:00:00Z'),
  });
  return {
    requests: () => requests,
    /** The error of one look-up. */
    async failure(): Promise<ProviderError> {
      try {
        await store.find(newCallSid());
      } catch (error) {
        assert.ok(error instanceof ProviderError);
        return error;
      } finally {
        documents.destroy();
        server.closeAllConnections();
        server.close();
      }
      throw new Error('The look-up was expected to fail');
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

describe('A database in trouble', () => {
  test('that never answers is given up after two attempts', async () => {
    const database = await databaseThat('never');

    const { provider, failure, retryable } = await database.failure();

    assert.deepEqual(
      { provider, failure, retryable },
      { provider: 'dynamodb', failure: 'timeout', retryable: true },
    );
    assert.equal(database.requests(), 2);
  });

  test('that is not there is unavailable, and the line says what the system said', async () => {
    const database = await databaseThat('never');
    await database.stop();

    const { failure, code, retryable } = await database.failure();

    assert.deepEqual(
      { failure, code, retryable },
      { failure: 'unavailable', code: 'ECONNREFUSED', retryable: true },
    );
  });

  const answers = [
    { status: 400, type: 'ProvisionedThroughputExceededException', failure: 'overloaded', retryable: true },
    { status: 400, type: 'ThrottlingException', failure: 'overloaded', retryable: true },
    { status: 500, type: 'InternalServerError', failure: 'unavailable', retryable: true },
    { status: 400, type: 'AccessDeniedException', failure: 'refused', retryable: false },
    { status: 400, type: 'UnrecognizedClientException', failure: 'refused', retryable: false },
    { status: 400, type: 'ResourceNotFoundException', failure: 'invalid-request', retryable: false },
    { status: 400, type: 'ValidationException', failure: 'invalid-request', retryable: false },
  ] as const;
  for (const { status, type, failure, retryable } of answers)
    test(`that answers ${type} is ${failure}`, async () => {
      const database = await databaseThat({ status, type });

      const error = await database.failure();

      assert.deepEqual(
        { failure: error.failure, code: error.code, retryable: error.retryable },
        { failure, code: type, retryable },
      );
      assert.equal(error.message, 'The database failed');
    });

  test('is asked once more when that may help, and only then', async () => {
    const throttled = await databaseThat({ status: 400, type: 'ThrottlingException' });
    const refused = await databaseThat({ status: 400, type: 'AccessDeniedException' });

    await throttled.failure();
    await refused.failure();

    assert.deepEqual([throttled.requests(), refused.requests()], [2, 1]);
  });
});
