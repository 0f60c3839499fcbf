import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCallStatus } from '#lambdas/http/call-status.ts';
import { createInboundCall } from '#lambdas/http/inbound-call.ts';
import { createStreamEnded } from '#lambdas/http/stream-ended.ts';
import {
  authToken,
  gatewayEvent,
  invoke,
  publicBaseUrl,
  testFunctions,
  type WebhookParts,
  webhookEvent,
} from '#tests/lambdas/functions.ts';

const params = {
  CallSid: `CA${'1'.repeat(32)}`,
  From: '+14155550100',
  To: '+18005550199',
  CallStatus: 'ringing',
};
const webhooks = [
  ['/call/incoming', createInboundCall],
  ['/call/stream-ended', createStreamEnded],
  ['/call/status', createCallStatus],
] as const;

for (const [path, create] of webhooks)
  describe(`A request to ${path}`, () => {
    const refused: readonly (readonly [string, Partial<WebhookParts>, 'missing' | 'mismatch'])[] = [
      ['without a signature', { signature: null }, 'missing'],
      ['with an empty signature', { signature: '' }, 'mismatch'],
      ['with a made-up signature', { signature: 'bm90IGEgc2lnbmF0dXJlIGF0IGFsbA==' }, 'mismatch'],
      ['signed with a token that is not ours', { signedWith: 'f'.repeat(32) }, 'mismatch'],
      ['signed for another path', { signedUrl: `${publicBaseUrl}/call/other` }, 'mismatch'],
      ['signed for another host', { signedUrl: `https://evil.example.com${path}` }, 'mismatch'],
      ['signed for an address in clear', { signedUrl: `http://voice.example.com${path}` }, 'mismatch'],
      [
        'whose query was changed on the way',
        { query: 'role=judge', signedUrl: `${publicBaseUrl}${path}` },
        'mismatch',
      ],
      [
        'that brings the host it was signed for in a header',
        {
          signedUrl: `https://evil.example.com${path}`,
          headers: { host: 'evil.example.com', 'x-forwarded-host': 'evil.example.com' },
        },
        'mismatch',
      ],
    ];
    for (const [what, parts, reason] of refused)
      test(`${what} is refused, and said so in a line`, async () => {
        const functions = testFunctions();

        const answer = await invoke(create(functions.load), webhookEvent({ path, params, ...parts }));

        assert.equal(answer.status, 403);
        assert.match(answer.headers['content-type'] ?? '', /^text\/plain/);
        assert.deepEqual(functions.lines, [
          { level: 'warn', msg: 'access.refused', what: 'webhook-signature', reason },
        ]);
      });

    test('whose parameters were changed after they were signed is refused', async () => {
      const event = webhookEvent({ path, params });
      const changed = new URLSearchParams({ ...params, From: '+14155550999' }).toString();

      const answer = await invoke(create(testFunctions().load), {
        ...event,
        body: Buffer.from(changed).toString('base64'),
      });

      assert.equal(answer.status, 403);
    });

    test('gets through with the query in the order and encoding in which it was signed', async () => {
      const query = 'z=1&role=judge&a=caf%C3%A9+au%20lait';

      const answer = await invoke(create(testFunctions().load), webhookEvent({ path, params, query }));

      assert.notEqual(answer.status, 403);
    });

    test('gets through with either token while one is being replaced', async () => {
      const functions = testFunctions({
        variables: { TWILIO_AUTH_TOKEN: `${'e'.repeat(32)}, ${authToken}` },
      });

      for (const signedWith of [authToken, 'e'.repeat(32)]) {
        const answer = await invoke(create(functions.load), webhookEvent({ path, params, signedWith }));
        assert.notEqual(answer.status, 403);
      }
    });

    test('gets through with header names in capitals', async () => {
      const event = webhookEvent({ path, params });
      const headers = Object.fromEntries(
        Object.entries(event.headers).map(([name, value]) => [name.toUpperCase(), value]),
      );

      const answer = await invoke(create(testFunctions().load), { ...event, headers });

      assert.notEqual(answer.status, 403);
    });

    test('is refused with a body that no webhook has', async () => {
      const large = webhookEvent({ path, params: { ...params, Filler: 'x'.repeat(64 * 1024) } });
      const json = webhookEvent({ path, params, headers: { 'content-type': 'application/json' } });

      assert.equal((await invoke(create(testFunctions().load), large)).status, 413);
      assert.equal((await invoke(create(testFunctions().load), json)).status, 415);
    });

    test('without any body is refused, not broken', async () => {
      const answer = await invoke(create(testFunctions().load), gatewayEvent({ method: 'POST', path }));

      assert.equal(answer.status, 403);
    });

    test('is answered with its id and must not be kept by anybody', async () => {
      const functions = testFunctions();
      const given = webhookEvent({ path, params, headers: { 'x-request-id': 'client-id-1' } });

      const [plain, named] = [
        await invoke(create(functions.load), webhookEvent({ path, params })),
        await invoke(create(functions.load), given),
      ];

      assert.equal(plain.headers['x-request-id'], 'gateway-request-id');
      assert.equal(named.headers['x-request-id'], 'client-id-1');
      assert.equal(plain.headers['cache-control'], 'no-store');
    });

    test('is timed, and its lines are written before the function sleeps', async () => {
      const functions = testFunctions();

      await invoke(create(functions.load), webhookEvent({ path, params }));

      assert.deepEqual(
        functions.metrics.map(([name]) => name),
        ['WebhookMs'],
      );
      assert.equal(functions.flushes(), 1);
    });
  });
