/** Clients that never finish what they begin: both servers cut them, answer others meanwhile, and begin nothing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, describe, test } from 'node:test';
import { signWebhook } from '#adapters/twilio/request-signature.ts';
import { createOutboundCall } from '#lambdas/http/outbound-call.ts';
import { createHttpApiServer, type Handler, sendingTimeouts } from '#local/http/http-api.ts';
import { createCallRegistry } from '#media-service/call-registry.ts';
import {
  createMediaServer,
  type MediaServerLimits,
  mediaServerLimits,
  streamPath,
} from '#media-service/server.ts';
import { keys, testFunctions } from '#tests/lambdas/functions.ts';
import { createRecordingTelemetry } from '#tests/support/scripted-ports.ts';
import { startSlowClient } from '#tests/support/slow-client.ts';

const authToken = 'an auth token';
const publicOrigin = 'wss://media.example.org';
const signature = signWebhook(authToken, `${publicOrigin}${streamPath}`, {});
const handshake = [
  'Host: x',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
].join('\r\n');

const cleanups: (() => Promise<unknown>)[] = [];
after(() => Promise.all(cleanups.map((clean) => clean())));

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    return closed;
  });
  return (server.address() as AddressInfo).port;
}

function mediaServer(limits: Partial<MediaServerLimits> = {}) {
  const registry = createCallRegistry({ callsMax: 5 });
  let streams = 0;
  const server = createMediaServer({
    registry,
    telemetry: createRecordingTelemetry(),
    version: 'test',
    isSignedUpgrade: (given) => given === signature,
    onStream: async () => {
      streams += 1;
    },
    limits,
  });
  return { server, registry, streams: () => streams };
}

function gateway(timeouts: Partial<typeof sendingTimeouts> = {}) {
  const functions = testFunctions();
  const handlers = new Map([['outbound-call', createOutboundCall(functions.load) as unknown as Handler]]);
  const server = createHttpApiServer({
    routes: [{ method: 'POST', path: '/call/outbound', name: 'outbound-call' }],
    handlers,
    sendingTimeouts: timeouts,
    onFunctionError: (_, error) => assert.fail(String(error)),
  });
  return { server, functions };
}

const statusOf = async (port: number, path: string) =>
  (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } })).status;

/** Opening, what drips, and the status before the connection is cut. */
const slowHeaders = [
  ['says nothing at all', '', undefined, 408],
  ['sends its path letter by letter', 'GET /', 'a', 408],
  ['never ends its headers', 'GET /health HTTP/1.1\r\nHost: x\r\n', 'X: y\r\n', 408],
  ['never ends one header', 'GET /health HTTP/1.1\r\nHost: x\r\nX: ', 'y', 408],
  ['stops in the middle of its headers', 'GET /health HTTP/1.1\r\nHost: x\r\n', undefined, 408],
] as const;

describe('The media service', { concurrency: true }, () => {
  const quick = { headersTimeoutMs: 300, requestTimeoutMs: 400, checkEveryMs: 20, refusalTimeoutMs: 300 };
  const rows = [
    ...slowHeaders,
    [
      'never finishes a signed upgrade',
      `GET ${streamPath} HTTP/1.1\r\n${handshake}\r\nX-Twilio-Signature: ${signature}\r\n`,
      'X: y\r\n',
      408,
    ],
    [
      'was refused its upgrade and stays',
      `GET ${streamPath} HTTP/1.1\r\n${handshake}\r\n\r\n`,
      'more of this',
      403,
    ],
    [
      'was refused its upgrade and falls silent',
      `GET ${streamPath} HTTP/1.1\r\n${handshake}\r\n\r\n`,
      undefined,
      403,
    ],
    [
      'dribbles a body that nobody asked for',
      'POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n',
      'x',
      405,
    ],
  ] as const;
  for (const [what, opening, drop, status] of rows)
    test(`cuts a client that ${what}, and answers others meanwhile`, async () => {
      const { server, registry, streams } = mediaServer(quick);
      const port = await listen(server);
      const clients = Array.from({ length: 5 }, () => startSlowClient(port, opening, drop));

      const health = await statusOf(port, '/health');
      const answers = await Promise.all(clients.map(({ cut }) => cut));

      assert.equal(health, 200);
      assert.ok(
        answers.every((answer) => answer === status),
        String(answers),
      );
      assert.deepEqual([registry.active, streams()], [0, 0]);
    });

  test('waits for a slow request as long as its limits say, and no longer: they are set in production', () => {
    const { server } = mediaServer();

    assert.deepEqual(
      [server.headersTimeout, server.requestTimeout],
      [mediaServerLimits.headersTimeoutMs, mediaServerLimits.requestTimeoutMs],
    );
    assert.deepEqual([server.headersTimeout, server.requestTimeout], [5_000, 10_000]);
    assert.equal(checkedEveryMs(server), 1_000);
  });

  test('refuses headers beyond its bound with 431', async () => {
    const { server, registry } = mediaServer();
    const port = await listen(server);
    const opening = `GET ${streamPath} HTTP/1.1\r\n${handshake}\r\nX: ${'x'.repeat(mediaServerLimits.headerBytesMax)}\r\n\r\n`;

    assert.equal(await startSlowClient(port, opening).cut, 431);
    assert.equal(registry.active, 0);
  });

  test('gives back the place of a client that goes away in the middle of its handshake', async () => {
    const { server, registry } = mediaServer();
    const port = await listen(server);
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `GET ${streamPath} HTTP/1.1\r\n${handshake}\r\nX-Twilio-Signature: ${signature}\r\n\r\n`,
      () => socket.destroy(),
    );
    await once(socket, 'close');
    await statusOf(port, '/health');
    await registry.emptied();

    assert.equal(registry.active, 0);
  });
});

/** Node keeps it to itself; without it both time-outs are looked at twice a minute. */
const checkedEveryMs = (server: Server): unknown =>
  (server as unknown as { connectionsCheckingInterval: unknown }).connectionsCheckingInterval;

describe('The HTTP API', { concurrency: true }, () => {
  const quick = { headersMs: 300, requestMs: 400, checkEveryMs: 20 };
  const order = JSON.stringify({ to: '+14155550100', role: 'parent' });
  const head = (length: number) =>
    `POST /call/outbound HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${keys.calling}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
  const rows = [
    ...slowHeaders,
    ['dribbles the body of a good order', `${head(100_000)}${order}`, ' ', 408],
    ['owes the last byte of a good order', `${head(order.length + 1)}${order}`, undefined, 408],
    [
      'never ends its chunks',
      `${head(0).replace('Content-Length: 0', 'Transfer-Encoding: chunked')}${order.length.toString(16)}\r\n${order}\r\n`,
      '1\r\n \r\n',
      408,
    ],
    ['never finishes an upgrade', `GET /call/outbound HTTP/1.1\r\n${handshake}\r\n`, 'X: y\r\n', 408],
  ] as const;
  for (const [what, opening, drop, status] of rows)
    test(`cuts a client that ${what}, places no call, and answers others meanwhile`, async () => {
      const { server, functions } = gateway(quick);
      const port = await listen(server);
      const clients = Array.from({ length: 5 }, () => startSlowClient(port, opening, drop));

      const other = await statusOf(port, '/nothing');
      const answers = await Promise.all(clients.map(({ cut }) => cut));

      assert.equal(other, 404);
      assert.ok(
        answers.every((answer) => answer === status),
        String(answers),
      );
      assert.equal(functions.carrier.placed.length, 0);
      assert.equal(functions.lines.length, 0, 'no function ran');
    });

  test('waits for a slow request as long as its limits say, and no longer: they are set in production', () => {
    const { server } = gateway();

    assert.deepEqual([server.headersTimeout, server.requestTimeout], [10_000, 30_000]);
    assert.deepEqual(sendingTimeouts, { headersMs: 10_000, requestMs: 30_000, checkEveryMs: 1_000 });
    assert.equal(checkedEveryMs(server), 1_000);
  });
});
