import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createOutboundCall } from '#lambdas/http/outbound-call.ts';
import { fingerprintOf } from '#lambdas/outbound/once.ts';
import { invoke, keys, testFunctions } from '#tests/lambdas/functions.ts';

import { call, codeOf, order, type Parts, request } from './orders.ts';

describe('The limit on outbound calls', () => {
  test('refuses the thirty-first in a minute and tells when to come back', async () => {
    const functions = testFunctions();
    for (let i = 0; i < 30; i += 1) await call(functions);

    const refused = await call(functions);

    assert.deepEqual([refused.status, codeOf(refused)], [429, 'too_many_requests']);
    const { retryAfterSeconds } = (refused.json as { error: { retryAfterSeconds: number } }).error;
    assert.equal(refused.headers['retry-after'], String(retryAfterSeconds));
    assert.ok(retryAfterSeconds >= 1 && retryAfterSeconds <= 62);
    assert.equal(refused.headers['ratelimit-remaining'], '0');
    assert.deepEqual(functions.lastLine('limit.hit'), {
      level: 'warn',
      msg: 'limit.hit',
      limit: 'outbound-per-key',
      keyId: 'calling',
      retryAfterSeconds,
    });
    assert.equal(functions.carrier.placed.length, 30);
  });

  test('is each key its own', async () => {
    const functions = testFunctions();
    for (let i = 0; i < 31; i += 1) await call(functions);

    assert.equal((await call(functions, { key: keys.everything })).status, 201);
  });

  test('does not count answers that are given again', async () => {
    const functions = testFunctions();
    for (let i = 0; i < 40; i += 1) await call(functions, { idempotencyKey: 'order 1' });

    assert.equal((await call(functions)).headers['ratelimit-remaining'], '28');
  });

  const mistakes: readonly (readonly [string, Parts & { readonly query?: string }, number])[] = [
    ['a body that is no JSON', { raw: '{"to":' }, 400],
    ['a body of another type', { headers: { 'content-type': 'text/plain' } }, 415],
    ['a body that is large', { body: { ...order, voice: 'x'.repeat(20_000) } }, 413],
    ['a role that nobody has', { body: { ...order, role: 'wizard' } }, 400],
    ['a number that no plan has', { body: { ...order, to: '+19995550100' } }, 400],
    ['a premium number', { body: { ...order, to: '+19005550100' } }, 400],
    ['a country that is not allowed', { body: { ...order, to: '+447400123456' } }, 400],
    ['a number that is blocked', { body: { ...order, to: '+14155550199' } }, 400],
    ['an idempotency key that is none', { idempotencyKey: 'clé' }, 400],
    ['a query that says it twice', { query: 'a=1&a=2' }, 400],
    ['another body with a known key', { idempotencyKey: 'order 1', body: { ...order, role: 'judge' } }, 422],
  ];
  for (const [name, { query, ...parts }, status] of mistakes)
    test(`counts ${name}, and tells what is left`, async () => {
      const functions = testFunctions();
      functions.blocked.add(functions.services.hashNumber('+14155550199'));
      await call(functions, { idempotencyKey: 'order 1' });

      const event = { ...request(parts), ...(query === undefined ? {} : { rawQueryString: query }) };
      const answer = await invoke(createOutboundCall(functions.load), event);

      assert.deepEqual([answer.status, answer.headers['ratelimit-remaining']], [status, '28']);
      assert.equal((await call(functions)).headers['ratelimit-remaining'], '27');
    });

  test('does not count copies of an order that is being placed', async () => {
    const functions = testFunctions();
    const underWay = functions.services.pseudonym('request', 'calling order under way');
    await functions.services.idempotency.begin(underWay, fingerprintOf(order));

    for (let i = 0; i < 40; i += 1)
      assert.equal((await call(functions, { idempotencyKey: 'order under way' })).status, 409);

    assert.equal((await call(functions)).headers['ratelimit-remaining'], '29');
  });

  test('is what a request meets first: over it, nothing is looked up, and nothing is remembered', async () => {
    const lookedUp: string[] = [];
    const functions = testFunctions();
    const watched = testFunctions({
      services: {
        limiter: functions.services.limiter,
        numberFacts: async (number) => {
          lookedUp.push(number);
          return functions.services.numberFacts(number);
        },
      },
    });
    for (let i = 0; i < 30; i += 1) await call(functions, { raw: 'nonsense' });

    const plain = await call(watched);
    const keyed = await call(watched, { idempotencyKey: 'order 1' });
    await functions.clock.advance(62_000);
    const again = await call(watched, { idempotencyKey: 'order 1' });

    assert.deepEqual([plain.status, keyed.status, again.status], [429, 429, 201]);
    assert.equal(lookedUp.length, 1);
  });

  test('does not count a mistake that is told again', async () => {
    const functions = testFunctions();
    const wrong = { idempotencyKey: 'order 1', body: { ...order, to: '+19005550100' } };
    for (let i = 0; i < 40; i += 1) assert.equal((await call(functions, wrong)).status, 400);

    assert.equal((await call(functions)).headers['ratelimit-remaining'], '28');
  });

  test('of the stage counts what is dialled only', async () => {
    const functions = testFunctions({ variables: { CALLS_PER_MINUTE_MAX: '2' } });
    for (let i = 0; i < 5; i += 1) await call(functions, { body: { ...order, to: '+19005550100' } });

    const answers = [await call(functions), await call(functions), await call(functions)];

    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 201, 429],
    );
  });
});
