/** What an attacker tries on the HTTP side: each time the right refusal, and never a call, a record or an answer of value. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { signWebhook } from '#adapters/twilio/request-signature.ts';
import { createCallAnswered } from '#lambdas/http/call-answered.ts';
import { createInboundCall } from '#lambdas/http/inbound-call.ts';
import { createOutboundCall } from '#lambdas/http/outbound-call.ts';
import { createRecordGet } from '#lambdas/http/record-get.ts';
import { createRecordsList } from '#lambdas/http/records-list.ts';
import type { HttpApi } from '#local/http/http-api.ts';
import {
  authToken,
  gatewayEvent,
  invoke,
  keys,
  publicBaseUrl,
  testFunctions,
  webhookEvent,
} from '#tests/lambdas/functions.ts';
import { callRecord } from '#tests/support/calls.ts';
import { startLocalApi } from '#tests/support/local-api.ts';

const callSid = 'CA00000000000000000000000000000001';
const params = { CallSid: callSid, From: '+14155550100', To: '+18005550199', CallStatus: 'ringing' };
const order = JSON.stringify({ to: '+14155550100', role: 'parent' });

describe('A webhook', () => {
  const path = '/call/incoming';
  const forgeries: readonly (readonly [string, Partial<Parameters<typeof webhookEvent>[0]>])[] = [
    ['without a signature', { signature: null }],
    ['with an empty signature', { signature: '' }],
    ['with a signature of nonsense', { signature: 'Zm9yZ2VkZm9yZ2VkZm9yZ2VkZm8=' }],
    ['signed with another token', { signedWith: 'another token' }],
    ['signed with an empty token', { signedWith: '' }],
    ['signed for another path', { signedUrl: `${publicBaseUrl}/call/status` }],
    ['signed for a path with a slash behind', { signedUrl: `${publicBaseUrl}${path}/` }],
    ['signed for plain http', { signedUrl: `http://voice.example.com${path}` }],
    ['signed for another host', { signedUrl: `https://evil.example.org${path}` }],
    [
      'signed for a host that only begins like ours',
      { signedUrl: `https://voice.example.com.evil.org${path}` },
    ],
    ['signed for another query', { query: 'role=judge', signedUrl: `${publicBaseUrl}${path}?role=parent` }],
    [
      'whose host header claims the address that was signed',
      { signedUrl: `https://evil.example.org${path}`, headers: { host: 'evil.example.org' } },
    ],
    [
      'whose forwarded host claims the address that was signed',
      { signedUrl: `https://evil.example.org${path}`, headers: { 'x-forwarded-host': 'evil.example.org' } },
    ],
  ];
  for (const [what, parts] of forgeries)
    test(`${what} is refused with 403 and leaves nothing`, async () => {
      const functions = testFunctions();

      const answer = await invoke(
        createInboundCall(functions.load),
        webhookEvent({ path, params, ...parts }),
      );

      assert.equal(answer.status, 403);
      assert.doesNotMatch(answer.body, /token|Stream/);
      assert.deepEqual((await functions.services.store.list({ index: { by: 'day' }, limit: 1 })).items, []);
    });

  test('whose parameter was changed, added or doubled after it was signed is refused', async () => {
    const functions = testFunctions();
    const signature = signWebhook(authToken, `${publicBaseUrl}${path}`, params);
    const tampered = [
      { ...params, From: '+14155550199' },
      { ...params, Extra: '1' },
      Object.fromEntries(Object.entries(params).filter(([name]) => name !== 'CallStatus')) as typeof params,
    ];

    for (const changed of tampered) {
      const event = webhookEvent({ path, params: changed, signature });
      assert.equal((await invoke(createInboundCall(functions.load), event)).status, 403);
    }
    const doubled = webhookEvent({ path, params, signature });
    doubled.body = Buffer.from(`${new URLSearchParams(params)}&From=%2B14155550199`).toString('base64');
    assert.equal((await invoke(createInboundCall(functions.load), doubled)).status, 403);
  });

  test('signed with our port or in capitals is good, as Twilio may write the address', async () => {
    for (const signedUrl of [
      `https://voice.example.com:443${path}`,
      `https://VOICE.EXAMPLE.COM${path}`.toLowerCase(),
    ]) {
      const functions = testFunctions();
      const event = webhookEvent({ path, params, signedUrl });
      assert.equal((await invoke(createInboundCall(functions.load), event)).status, 200);
    }
  });

  test('from elsewhere than the carrier is refused where the settings say where it calls from', async () => {
    const functions = testFunctions({ variables: { TWILIO_SOURCE_RANGES: '198.51.100.0/24,2001:db8::/32' } });
    const event = webhookEvent({ path, params });
    const refused = await invoke(createInboundCall(functions.load), event);
    event.requestContext.http.sourceIp = '198.51.100.77';
    const taken = await invoke(createInboundCall(functions.load), event);

    assert.deepEqual([refused.status, taken.status], [403, 200]);
  });

  test('that is replayed gets a token of its own and no second record', async () => {
    const functions = testFunctions();
    const event = webhookEvent({ path, params });

    const bodies = [];
    for (let i = 0; i < 3; i += 1) bodies.push((await invoke(createInboundCall(functions.load), event)).body);

    assert.equal(new Set(bodies).size, 3);
    assert.equal((await functions.services.store.list({ index: { by: 'day' }, limit: 10 })).items.length, 1);
  });

  test('of an answered call cannot be given another persona', async () => {
    const functions = testFunctions();
    const answered = '/call/answered';
    const event = webhookEvent({
      path: answered,
      query: 'ref=x&role=judge',
      params,
      signedUrl: `${publicBaseUrl}${answered}?ref=x&role=kid_teen`,
    });

    assert.equal((await invoke(createCallAnswered(functions.load), event)).status, 403);
  });

  test('with half a megabyte of parameters is refused with 413', async () => {
    const functions = testFunctions();
    const event = webhookEvent({ path, params: { ...params, Extra: 'x'.repeat(500_000) } });

    assert.equal((await invoke(createInboundCall(functions.load), event)).status, 413);
  });
});

describe('A key', () => {
  const bad: readonly (readonly [string, string, number])[] = [
    ['none', '', 401],
    ['that is empty', 'Bearer ', 401],
    ['of another scheme', `Basic ${Buffer.from(`x:${keys.everything}`).toString('base64')}`, 401],
    ['of which the last letter is wrong', `Bearer ${keys.everything.slice(0, -1)}x`, 401],
    ['with something behind it', `Bearer ${keys.everything} x`, 401],
    ['twice', `Bearer ${keys.everything},Bearer ${keys.everything}`, 401],
    ['that has expired', `Bearer ${keys.expired}`, 401],
    ['that may only read', `Bearer ${keys.reading}`, 403],
    ['that may only delete', `Bearer ${keys.deleting}`, 403],
  ];
  for (const [what, authorization, status] of bad)
    test(`${what} places no call and is told nothing of why (${status})`, async () => {
      const functions = testFunctions();
      const headers = { authorization, 'content-type': 'application/json' };
      const event = gatewayEvent({ method: 'POST', path: '/call/outbound', headers, body: order });

      const answer = await invoke(createOutboundCall(functions.load), event);

      assert.equal(answer.status, status);
      assert.equal(functions.carrier.placed.length, 0);
      assert.doesNotMatch(answer.body, /expired|unknown|scope|calls:write/);
      assert.equal(answer.headers['www-authenticate'], status === 401 ? 'Bearer' : undefined);
    });

  test('that was stolen places at most thirty calls in a minute, to countries that are allowed', async () => {
    const functions = testFunctions();
    const headers = { authorization: `Bearer ${keys.calling}`, 'content-type': 'application/json' };
    const send = (to: string) =>
      invoke(
        createOutboundCall(functions.load),
        gatewayEvent({
          method: 'POST',
          path: '/call/outbound',
          headers,
          body: JSON.stringify({ to, role: 'parent' }),
        }),
      );

    for (let i = 0; i < 200; i += 1) await send(`+1415555${String(1_000 + i)}`);
    for (const to of ['+19005550100', '+18765550100', '+882161234567', '+5352345678']) await send(to);

    assert.equal(functions.carrier.placed.length, 30);
    assert.ok(functions.carrier.placed.every(({ to }) => to.startsWith('+1415')));
  });

  test('that was stolen learns of thirty numbers in a minute at most, whatever is wrong with its orders', async () => {
    const lookedUp: string[] = [];
    const functions = testFunctions({
      services: {
        blockList: {
          isBlocked: async (hash) => {
            lookedUp.push(hash);
            return true;
          },
        },
      },
    });
    const headers = { authorization: `Bearer ${keys.calling}`, 'content-type': 'application/json' };
    const bodies = [
      ...Array.from({ length: 7 }, (_, i) => ({ to: `+1415555${1_000 + i}`, role: 'parent' })),
      { to: '+19005550100', role: 'parent' },
      { to: '+447400123456', role: 'parent' },
      { to: 'nonsense', role: 'wizard' },
    ];
    const answers = [];
    for (let i = 0; i < 200; i += 1)
      answers.push(
        await invoke(
          createOutboundCall(functions.load),
          gatewayEvent({
            method: 'POST',
            path: '/call/outbound',
            headers: { ...headers, ...(i % 2 === 0 ? { 'idempotency-key': `order ${i}` } : {}) },
            body: JSON.stringify(bodies[i % bodies.length]),
          }),
        ),
      );

    const [told, refused] = [answers.slice(0, 30), answers.slice(30)];
    assert.ok(told.every(({ status }) => status === 400));
    assert.ok(refused.every(({ status }) => status === 429));
    assert.equal(lookedUp.length, 27, 'three of thirty were no number at all');
    assert.ok(refused.every(({ body }) => !/number|destination|fields|reason/.test(body)));
  });
});

describe('An input', () => {
  const authorization = { authorization: `Bearer ${keys.everything}` };
  const list = (query: string) => {
    const functions = testFunctions();
    return invoke(
      createRecordsList(functions.load),
      gatewayEvent({ path: '/records', query, headers: authorization }),
    );
  };

  for (const query of [
    'limit=1&limit=100',
    'limit=1&%6cimit=2',
    'limit=101',
    'limit=0',
    'limit=1e2x',
    'cursor=forged.forged',
    'cursor=eyJsaXN0IjoiZGF5OiJ9.AAAAAAAAAAAAAAAAAAAAAA',
    'role=wizard',
    'from=yesterday',
    'from=2026-02-30',
  ])
    test(`such as ?${query} is refused with 400`, async () => {
      assert.equal((await list(query)).status, 400);
    });

  for (const sid of ['CA1', '../records', `${callSid}\u0000`, `${callSid} `, 'RECORD', '__proto__'])
    test(`such as ${JSON.stringify(sid)} for a CallSid is refused with 400`, async () => {
      const functions = testFunctions();
      const event = gatewayEvent({
        path: `/records/${sid}`,
        headers: authorization,
        pathParameters: { callSid: sid },
      });

      assert.equal((await invoke(createRecordGet(functions.load), event)).status, 400);
    });

  for (const id of ['x\r\nset-cookie: a=b', 'x'.repeat(200), '<script>', 'a b', 'é'])
    test(`such as ${JSON.stringify(id.slice(0, 12))} for a request id is not echoed`, async () => {
      const functions = testFunctions();
      const event = gatewayEvent({ path: '/records', headers: { ...authorization, 'x-request-id': id } });

      const { headers } = await invoke(createRecordsList(functions.load), event);

      assert.equal(headers['x-request-id'], 'gateway-request-id');
    });
});

describe('A body that is made to be slow to read', () => {
  const texts = {
    'quotes that never end': `"${'\\"'.repeat(8_190)}`,
    'backslashes and quotes': '"\\'.repeat(8_190),
    'brackets in quotes': `["${'[{'.repeat(8_000)}`,
  };
  for (const [what, body] of Object.entries(texts))
    test(`(${what}) is refused as fast as another`, { timeout: 20_000 }, async () => {
      const functions = testFunctions();
      const headers = { authorization: `Bearer ${keys.calling}`, 'content-type': 'application/json' };
      const event = gatewayEvent({ method: 'POST', path: '/call/outbound', headers, body });

      for (let i = 0; i < 200; i += 1) {
        assert.equal((await invoke(createOutboundCall(functions.load), event)).status, 400);
        // Room for the next: what is refused counts.
        await functions.clock.advance(3_000);
        // The test's own time-out needs its turn.
        await new Promise(setImmediate);
      }
    });
});

describe('Over a socket', () => {
  let api: HttpApi;
  const functions = testFunctions();
  const record = callRecord();
  before(async () => {
    await functions.services.store.create(record);
    api = await startLocalApi(functions.load, () => undefined);
  });
  after(() => api.close());

  /** Exactly these bytes. @returns the status line's number. */
  const raw = (request: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const socket = connect(api.port, '127.0.0.1', () => socket.write(request));
      let text = '';
      socket.on('data', (part) => {
        text += part.toString();
        const [, status] = /^HTTP\/1\.1 (\d+)/.exec(text) ?? [];
        if (status === undefined) return;
        socket.destroy();
        resolve(Number(status));
      });
      socket.on('error', reject);
    });
  const line = (method: string, target: string, more = '') =>
    `${method} ${target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${keys.reading}\r\nConnection: close\r\n${more}\r\n`;

  for (const [what, request, status] of [
    ['another method on a record', () => line('PUT', `/records/${record.callSid}`), 404],
    ['a deletion with a key that may only read', () => line('DELETE', `/records/${record.callSid}`), 403],
    ['a deletion in disguise', () => line('GET', '/records', 'X-HTTP-Method-Override: DELETE\r\n'), 200],
    ['a path with dots', () => line('GET', '/call/../records'), 404],
    ['a path with encoded dots', () => line('GET', '/health/%2e%2e/records'), 404],
    ['a path with two slashes', () => line('GET', '//records'), 404],
    ['a path in capitals', () => line('GET', '/RECORDS'), 404],
    ['a path with a slash behind', () => line('GET', '/records/'), 404],
    ['a path with a semicolon', () => line('GET', '/records;x=1'), 404],
    ['a path that cannot be decoded', () => line('GET', '/records/%'), 400],
    ['a whole address of another host', () => line('GET', 'http://evil.example.org/nothing'), 404],
    ['headers without end', () => line('GET', '/health', `X: ${'x'.repeat(20_000)}\r\n`), 431],
    [
      'two lengths of one body',
      () => line('POST', '/call/outbound', 'Content-Length: 5\r\nContent-Length: 6\r\n'),
      400,
    ],
    [
      'a length beside chunks',
      () => line('POST', '/call/outbound', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'),
      400,
    ],
  ] as const)
    test(`${what} is answered ${status}, and the record stays`, async () => {
      assert.equal(await raw(request()), status);
      assert.ok(await functions.services.store.find(record.callSid));
      assert.equal(functions.carrier.placed.length, 0);
    });
});
