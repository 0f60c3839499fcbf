import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { readTaskSecs } from '#adapters/cloudwatch/task-time.ts';
import { CancelledError, isProviderError } from '#core/errors.ts';

process.env['AWS_ACCESS_KEY_ID'] ??= 'test';
process.env['AWS_SECRET_ACCESS_KEY'] ??= 'test';

/** What is read from a service that answers so, and what it was asked. */
async function readFrom(status: number, body: object, signal = new AbortController().signal) {
  const asked: Record<string, unknown>[] = [];
  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    asked.push(JSON.parse(Buffer.concat(parts).toString()));
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const where = { region: 'us-east-1', endpoint, stage: 'prod' };
    return { secs: await readTaskSecs('2026-11-20', where, { signal }), asked };
  } catch (error) {
    return { error, asked };
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('The time that tasks have run', () => {
  test('is half a minute for each sign of life of a day, whatever the hour', async () => {
    const point = (hour: number, count: number) => ({
      Timestamp: Date.UTC(2026, 10, 20, hour) / 1000,
      SampleCount: count,
      Unit: 'Count',
    });

    const { secs, asked } = await readFrom(200, { Label: 'x', Datapoints: [point(0, 240), point(13, 120)] });

    assert.equal(secs, 360 * 30);
    const [{ Namespace, MetricName, Period, Statistics, Dimensions } = {}] = asked;
    assert.deepEqual(
      [Namespace, MetricName, Period, Statistics],
      ['VoiceCenter', 'ActiveCalls', 3_600, ['SampleCount']],
    );
    assert.deepEqual(Dimensions, [
      { Name: 'service', Value: 'media' },
      { Name: 'stage', Value: 'prod' },
    ]);
  });

  test('is none where no task has run', async () => {
    assert.equal((await readFrom(200, { Label: 'x' })).secs, 0);
  });

  test('is not had without the right to it, and not when nobody waits any more', async () => {
    const refused = await readFrom(400, { __type: 'AccessDeniedException', message: 'no' });
    const gone = await readFrom(200, {}, AbortSignal.abort());

    assert.ok(isProviderError(refused.error) && refused.error.failure === 'refused');
    assert.ok(gone.error instanceof CancelledError);
  });
});
