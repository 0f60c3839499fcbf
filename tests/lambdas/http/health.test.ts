import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { healthAnswerSchema } from '#core/http/health.ts';
import { createHealth } from '#lambdas/http/health.ts';
import { gatewayEvent, invoke, testFunctions } from '#tests/lambdas/functions.ts';
import { storeAway } from '#tests/support/store-away.ts';

describe('GET /health', () => {
  test('tells anybody the tier, the version and since when, also with the store away', async () => {
    const functions = testFunctions({ services: { store: storeAway } });

    const answer = await invoke(createHealth(functions.load), gatewayEvent({ path: '/health' }));

    const { uptimeSecs: _, ...rest } = healthAnswerSchema.strict().parse(answer.json);
    assert.equal(answer.status, 200);
    assert.deepEqual(rest, { status: 'ok', tier: 'dev', version: '1.2.3' });
    assert.equal(answer.headers['x-request-id'], 'gateway-request-id');
  });
});
