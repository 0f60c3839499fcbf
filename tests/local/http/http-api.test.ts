import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, describe, it } from 'node:test';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type Handler, type HttpApi, startHttpApi } from '#local/http/http-api.ts';

const routes = [
  { method: 'GET', path: '/records/{callSid}', name: 'record' },
  { method: 'GET', path: '/records/by-role/{role}', name: 'records-by-role' },
  { method: 'GET', path: '/records/latest', name: 'latest' },
  { method: 'POST', path: '/call/incoming', name: 'inbound-call' },
  { method: 'DELETE', path: '/records/{callSid}', name: 'record' },
];

const json = { 'content-type': 'application/json' };

describe('The HTTP API on one machine', () => {
  const apis: HttpApi[] = [];
  after(async () => {
    await Promise.all(apis.map((api) => api.close()));
  });

  /** Starts an API where every function is `handler`; tells which events it saw. */
  const start = async (handler: Handler, options: { integrationTimeoutMs?: number } = {}) => {
    const seen: APIGatewayProxyEventV2[] = [];
    const errors: unknown[] = [];
    const recording: Handler = (event, context) => {
      seen.push(event);
      return handler(event, context);
    };
    const handlers = new Map(routes.map(({ name }) => [name, recording]));
    const onFunctionError = (_: string, error: unknown) => errors.push(error);
    const api = await startHttpApi({ routes, handlers, port: 0, onFunctionError, ...options });
    apis.push(api);
    return { url: `http://127.0.0.1:${api.port}`, port: api.port, seen, errors };
  };

  /** A request byte by byte as given, where `fetch` would tidy it up. */
  const sendRaw = async (port: number, head: string) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.write(`${head}\r\nhost: test\r\nconnection: close\r\n\r\n`);
    let answer = '';
    for await (const part of socket.setEncoding('utf8')) answer += part;
    return answer;
  };

  it('hands a form over base64 encoded and otherwise as it was sent', async () => {
    const { url, seen } = await start(() => ({ statusCode: 204 }));

    const response = await fetch(`${url}/call/incoming?role=parent&x=a%20b&x=c`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: 'a=1; b=2',
        'X-Twilio-Signature': 'sig',
      },
      body: 'CallSid=CA1&From=%2B15550100',
    });

    const event = seen[0] as APIGatewayProxyEventV2;
    assert.equal(response.status, 204);
    assert.equal(event.version, '2.0');
    assert.equal(event.routeKey, 'POST /call/incoming');
    assert.equal(event.rawPath, '/call/incoming');
    assert.equal(event.rawQueryString, 'role=parent&x=a%20b&x=c');
    assert.deepEqual(event.queryStringParameters, { role: 'parent', x: 'a b,c' });
    assert.deepEqual(event.cookies, ['a=1', 'b=2']);
    assert.equal(event.headers['cookie'], undefined);
    assert.equal(event.headers['x-twilio-signature'], 'sig');
    assert.equal(event.headers['x-forwarded-proto'], 'http');
    assert.equal(event.isBase64Encoded, true);
    assert.equal(Buffer.from(event.body ?? '', 'base64').toString(), 'CallSid=CA1&From=%2B15550100');
    assert.equal(event.pathParameters, undefined);
    assert.equal(event.requestContext.stage, '$default');
    assert.equal(event.requestContext.http.method, 'POST');
    assert.equal(event.requestContext.http.path, '/call/incoming');
    assert.equal(event.requestContext.http.sourceIp, '127.0.0.1');
    assert.match(event.requestContext.time, /^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/);
    assert.equal(
      Math.abs(Date.parse(new Date(event.requestContext.timeEpoch).toISOString()) - Date.now()) < 60_000,
      true,
    );
    assert.equal(response.headers.get('apigw-requestid'), event.requestContext.requestId);
  });

  const bodies = [
    { type: 'application/json; charset=utf-8', asText: true },
    { type: 'text/xml', asText: true },
    { type: 'application/javascript', asText: true },
    { type: 'application/problem+json', asText: false },
    { type: 'application/octet-stream', asText: false },
    { type: undefined, asText: false },
  ];
  for (const { type, asText } of bodies) {
    it(`hands a body of type ${type} over ${asText ? 'as text' : 'base64 encoded'}`, async () => {
      const { url, seen } = await start(() => ({ statusCode: 200 }));

      await fetch(`${url}/call/incoming`, {
        method: 'POST',
        headers: type ? { 'content-type': type } : {},
        body: Buffer.from('é'),
      });

      assert.equal(seen[0]?.isBase64Encoded, !asText);
      assert.equal(seen[0]?.body, asText ? 'é' : Buffer.from('é').toString('base64'));
    });
  }

  it('joins headers sent twice with a comma and adds the sender to x-forwarded-for', async () => {
    const { port, seen } = await start(() => ({ statusCode: 200 }));

    await sendRaw(
      port,
      'GET /records/latest HTTP/1.1\r\nX-Thing: one\r\nx-thing: two\r\nX-Forwarded-For: 10.0.0.1',
    );

    assert.equal(seen[0]?.headers['x-thing'], 'one,two');
    assert.equal(seen[0]?.headers['x-forwarded-for'], '10.0.0.1, 127.0.0.1');
    assert.equal(seen[0]?.body, undefined);
    assert.equal(seen[0]?.isBase64Encoded, false);
  });

  it('prefers a literal route to a variable one and decodes path parameters', async () => {
    const { url, seen } = await start(() => ({ statusCode: 200 }));

    await fetch(`${url}/records/latest`);
    await fetch(`${url}/records/CA%20one`);
    await fetch(`${url}/records/by-role/judge`);

    assert.deepEqual(
      seen.map((event) => [event.routeKey, event.pathParameters]),
      [
        ['GET /records/latest', undefined],
        ['GET /records/{callSid}', { callSid: 'CA one' }],
        ['GET /records/by-role/{role}', { role: 'judge' }],
      ],
    );
  });

  for (const [method, path] of [
    ['GET', '/nowhere'],
    ['PUT', '/call/incoming'],
    ['GET', '/records/'],
    ['GET', '/records/a/b/c'],
  ] as const) {
    it(`answers ${method} ${path} as the gateway does when it knows no such route`, async () => {
      const { url, seen } = await start(() => ({ statusCode: 200 }));

      const response = await fetch(`${url}${path}`, { method });

      assert.equal(response.status, 404);
      assert.deepEqual(await response.json(), { message: 'Not Found' });
      assert.equal(seen.length, 0);
    });
  }

  it('survives a path that cannot be decoded and an address in place of a path', async () => {
    const { port, seen } = await start(() => ({ statusCode: 200, body: 'ok' }));

    const bad = await sendRaw(port, 'GET /records/%zz HTTP/1.1');
    const absolute = await sendRaw(port, 'GET http://other/records/latest?a=1 HTTP/1.1');

    assert.match(bad, /^HTTP\/1.1 200/);
    assert.match(absolute, /^HTTP\/1.1 200/);
    assert.deepEqual(
      seen.map(({ rawPath, rawQueryString }) => [rawPath, rawQueryString]),
      [
        ['/records/%zz', ''],
        ['/records/latest', 'a=1'],
      ],
    );
  });

  it('sends status, headers, every cookie and a binary body as the function answered them', async () => {
    const { url } = await start(() => ({
      statusCode: 201,
      headers: { 'Content-Type': 'image/png', 'X-Count': 3, 'transfer-encoding': 'chunked' },
      cookies: ['a=1; Path=/', 'b=2'],
      body: Buffer.from([0, 255]).toString('base64'),
      isBase64Encoded: true,
    }));

    const response = await fetch(`${url}/records/latest`);

    assert.equal(response.status, 201);
    assert.equal(response.headers.get('content-type'), 'image/png');
    assert.equal(response.headers.get('x-count'), '3');
    assert.deepEqual(response.headers.getSetCookie(), ['a=1; Path=/', 'b=2']);
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), new Uint8Array([0, 255]));
  });

  it('takes an answer without a status code for a good JSON body', async () => {
    const { url } = await start(() => ({ status: 'ok' }));

    const response = await fetch(`${url}/records/latest`);

    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/json');
    assert.deepEqual(await response.json(), { status: 'ok' });
  });

  const broken: readonly [string, Handler][] = [
    ['throws', () => Promise.reject(new Error('secret detail'))],
    ['throws at once', () => assert.fail('secret detail')],
    ['answers a body that is no string', () => ({ statusCode: 200, body: { a: 1 } })],
    ['answers no valid status code', () => ({ statusCode: 'many' })],
    ['answers a header that HTTP does not allow', () => ({ statusCode: 200, headers: { 'x-bad': 'a\nb' } })],
    ['answers more than a function may', () => ({ statusCode: 200, body: 'a'.repeat(6 * 1024 * 1024 + 1) })],
  ];
  for (const [what, handler] of broken) {
    it(`tells the client nothing but an internal error when the function ${what}`, async () => {
      const { url } = await start(handler);

      const response = await fetch(`${url}/records/latest`);

      assert.equal(response.status, 500);
      assert.deepEqual(await response.json(), { message: 'Internal Server Error' });
    });
  }

  it('gives a function that takes too long up and tells it beforehand how long it has', async () => {
    let remainingMs = 0;
    const never: Handler = (_, context) => {
      remainingMs = context.getRemainingTimeInMillis();
      return new Promise(() => undefined);
    };
    const { url } = await start(never, { integrationTimeoutMs: 50 });

    const response = await fetch(`${url}/records/latest`);

    assert.equal(response.status, 503);
    assert.deepEqual(await response.json(), { message: 'Service Unavailable' });
    assert.equal(remainingMs > 0 && remainingMs <= 50, true);
  });

  it('refuses a body over 10 MB before the function sees it', async () => {
    const { url, seen } = await start(() => ({ statusCode: 200 }));

    const response = await fetch(`${url}/call/incoming`, {
      method: 'POST',
      headers: json,
      body: Buffer.alloc(10 * 1024 * 1024 + 1),
    });

    assert.equal(response.status, 413);
    assert.deepEqual(await response.json(), { message: 'Request Entity Too Large' });
    assert.equal(seen.length, 0);
  });

  it('lives on when a client goes away in the middle of its body', async () => {
    const { url, port, seen } = await start(() => ({ statusCode: 200 }));

    const socket = net.connect(port, '127.0.0.1');
    socket.write('POST /call/incoming HTTP/1.1\r\nhost: test\r\ncontent-length: 100\r\n\r\nhalf');
    await new Promise((resolve) => socket.once('ready', resolve));
    socket.destroy();
    const response = await fetch(`${url}/records/latest`);

    assert.equal(response.status, 200);
    assert.equal(seen.length, 1);
  });

  it('finishes what is in flight when it closes', async () => {
    const started = Promise.withResolvers<void>();
    const result = Promise.withResolvers<unknown>();
    const slow: Handler = () => {
      started.resolve();
      return result.promise;
    };
    const handlers = new Map([['latest', slow]]);
    const api = await startHttpApi({ routes, handlers, port: 0, onFunctionError: () => undefined });

    const request = http.get(`http://127.0.0.1:${api.port}/records/latest`);
    const answered = new Promise<number | undefined>((resolve) => {
      request.once('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
    });
    await started.promise;
    const closed = api.close();
    result.resolve({ statusCode: 200, body: 'done' });
    await closed;

    assert.equal(await answered, 200);
  });
});
