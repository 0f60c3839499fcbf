import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { isSignedUpgrade, isSignedWebhook } from '#adapters/twilio/request-signature.ts';
import { CanaryError, createCanary } from '#lambdas/jobs/canary.ts';
import { createLambdaContext } from '#local/http/lambda-context.ts';
import { authToken, testFunctions } from '#tests/lambdas/functions.ts';

interface Stage {
  readonly http: string;
  readonly media: string;
  readonly closeCodes: readonly number[];
}

interface Faults {
  readonly healthStatus?: number;
  readonly webhookBody?: string;
  readonly streamStatus?: number;
}

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close().closeAllConnections();
});

const signatureOf = (request: IncomingMessage) => {
  const signature = request.headers['x-twilio-signature'];
  return typeof signature === 'string' ? signature : undefined;
};

/** Both sides of a stage on one port, strict about signatures. */
async function startStage(faults: Faults = {}): Promise<Stage> {
  const closeCodes: number[] = [];
  const webSockets = new WebSocketServer({ noServer: true });
  const server = createServer((request, response) => {
    if (request.url === '/health') return response.writeHead(faults.healthStatus ?? 200).end('{}');
    return void text(request).then((body) => {
      const params = Object.fromEntries(new URLSearchParams(body));
      const url = `${http}${request.url}`;
      const signed = isSignedWebhook({
        authTokens: [authToken],
        signature: signatureOf(request),
        url,
        params,
      });
      response.writeHead(signed ? 200 : 403, { 'content-type': 'text/xml' });
      response.end(
        faults.webhookBody ?? '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>',
      );
    });
  });
  server.on('upgrade', (request, socket, head) => {
    const url = `${media}${request.url}`;
    const signed = isSignedUpgrade({ authTokens: [authToken], signature: signatureOf(request), url });
    const status = signed ? faults.streamStatus : 403;
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) =>
      webSocket.on('close', (code) => closeCodes.push(code)),
    );
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const http = `http://127.0.0.1:${port}`;
  const media = `ws://127.0.0.1:${port}`;
  return { http, media, closeCodes };
}

function runCanary(stage: Pick<Stage, 'http' | 'media'>) {
  const functions = testFunctions({
    variables: { STAGE: 'local', PUBLIC_BASE_URL: stage.http, MEDIA_BASE_URL: stage.media },
  });
  const canary = createCanary(functions.load) as unknown as (
    event: object,
    context: object,
  ) => Promise<unknown>;
  const run = canary({}, createLambdaContext({ functionName: 'canary', requestId: 'id', timeoutMs: 45_000 }));
  return { functions, run };
}

const failedSteps = ({ lines }: ReturnType<typeof testFunctions>) =>
  lines.filter(({ msg }) => msg === 'canary.failed').map(({ step, problem }) => [step, problem]);

describe('The canary', () => {
  test('passes where the API lives, a signed webhook gets TwiML and a signed stream is opened', async () => {
    const stage = await startStage();

    const { functions, run } = runCanary(stage);

    assert.deepEqual(await run, { passed: ['health', 'webhook', 'stream'] });
    assert.deepEqual(failedSteps(functions), []);
  });

  test('says goodbye to the stream it opened, so that nobody takes it for a lost call', async () => {
    const stage = await startStage();

    await runCanary(stage).run;
    for (let turn = 0; turn < 1_000 && stage.closeCodes.length === 0; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));

    assert.deepEqual(stage.closeCodes, [1000]);
  });

  for (const [what, faults, step, problem] of [
    ['an API that answers with an error', { healthStatus: 503 }, 'health', 'status 503'],
    [
      'a webhook that answers with something else',
      { webhookBody: '{}' },
      'webhook',
      'the answer is no TwiML',
    ],
    ['a webhook that breaks off', { webhookBody: '<Response><Say>' }, 'webhook', 'the answer is no TwiML'],
    ['a media service without a place', { streamStatus: 503 }, 'stream', 'status 503'],
  ] as const)
    test(`fails on ${what}, and says so in a line`, async () => {
      const stage = await startStage(faults);

      const { functions, run } = runCanary(stage);

      await assert.rejects(run, new CanaryError([step]));
      assert.deepEqual(failedSteps(functions), [[step, problem]]);
    });

  test('tells every step that fails when nobody answers, without an address', async () => {
    const stage = await startStage();
    for (const server of servers.splice(0)) server.close().closeAllConnections();

    const { functions, run } = runCanary(stage);

    await assert.rejects(run, new CanaryError(['health', 'webhook', 'stream']));
    assert.deepEqual(
      failedSteps(functions).map(([, problem]) => problem),
      Array.from({ length: 3 }, () => 'no answer: ECONNREFUSED'),
    );
  });
});
