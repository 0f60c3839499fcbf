import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isSignedUpgrade, isSignedWebhook } from '#adapters/twilio/request-signature.ts';
import { type CanaryReport, createCanary, type Probes } from '#lambdas/jobs/canary.ts';
import { createLambdaContext } from '#local/http/lambda-context.ts';
import { authToken, testFunctions } from '#tests/lambdas/functions.ts';

const twiml = '<?xml version="1.0"?><Response><Hangup/></Response>';
const healthy: Probes = {
  fetchText: async (_url, { method }) => ({
    status: 200,
    body: method === 'GET' ? '{"status":"ok"}' : twiml,
  }),
  upgrade: async () => 101,
};

function run(probes: Probes, functions = testFunctions()): Promise<CanaryReport> {
  const job = createCanary(functions.load, probes) as unknown as (
    event: object,
    context: object,
  ) => Promise<CanaryReport>;
  return job({}, createLambdaContext({ functionName: 'canary', requestId: 'id', timeoutMs: 5_000 }));
}

describe('The canary', () => {
  test('is content when health, a webhook and a stream are answered', async () => {
    assert.deepEqual((await run(healthy)).passed, ['health', 'webhook', 'stream']);
  });

  test('asks as Twilio does: signed, over the addresses of the stage', async () => {
    const asked: string[] = [];
    let webhookSigned = false;
    let streamSigned = false;
    await run({
      async fetchText(url, init) {
        asked.push(url);
        if (init.method === 'POST')
          webhookSigned = isSignedWebhook({
            authTokens: [authToken],
            url,
            signature: init.headers['x-twilio-signature'],
            params: Object.fromEntries(new URLSearchParams(init.body)),
          });
        return healthy.fetchText(url, init);
      },
      async upgrade(url, headers) {
        asked.push(url);
        streamSigned = isSignedUpgrade({
          authTokens: [authToken],
          url,
          signature: headers['x-twilio-signature'],
        });
        return 101;
      },
    });

    assert.deepEqual(asked.sort(), [
      'https://voice.example.com/call/stream-ended',
      'https://voice.example.com/health',
      'wss://media.example.com/call/stream',
    ]);
    assert.deepEqual([webhookSigned, streamSigned], [true, true]);
  });

  for (const [what, probes, check] of [
    ['health is not 200', { ...healthy, fetchText: async () => ({ status: 503, body: twiml }) }, 'health'],
    [
      'a webhook is answered without TwiML',
      { ...healthy, fetchText: async () => ({ status: 200, body: '{}' }) },
      'webhook',
    ],
    ['a stream is refused', { ...healthy, upgrade: async () => 403 }, 'stream'],
    [
      'nothing answers',
      { ...healthy, upgrade: () => Promise.reject(new DOMException('late', 'TimeoutError')) },
      'stream',
    ],
  ] as const)
    test(`fails, and says where, when ${what}`, async () => {
      const functions = testFunctions();

      await assert.rejects(run(probes, functions), new RegExp(check));

      assert.equal(functions.lines.filter(({ msg }) => msg === 'canary.failed').length >= 1, true);
    });
});
