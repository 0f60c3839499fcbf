import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOutboundCall } from '#lambdas/http/outbound-call.ts';
import { gatewayEvent, invoke, keys, type TestFunctions, testFunctions } from '#tests/lambdas/functions.ts';

const order = (functions: TestFunctions) =>
  invoke(
    createOutboundCall(functions.load),
    gatewayEvent({
      method: 'POST',
      path: '/call/outbound',
      headers: { authorization: `Bearer ${keys.everything}`, 'content-type': 'application/json' },
      body: JSON.stringify({ to: '+14155550123', role: 'parent' }),
    }),
  );

test('a key whose budget is used up places no call, and is told so', async () => {
  const functions = testFunctions({ variables: { BUDGETS: '{"key":{"dayUsd":0.05}}' } });

  const [first, second] = [await order(functions), await order(functions)];

  assert.ok(first.status < 300, first.body);
  assert.equal(second.status, 402);
  const { error } = second.json as { error: { code: string; limit: string; period: string } };
  assert.deepEqual([error.code, error.limit, error.period], ['budget_exceeded', 'budget:key', '2026-11-21']);
  assert.equal(functions.lastLine('limit.hit')?.['keyId'], 'everything');
});

test('an order that cannot be placed gives its allowance back', async () => {
  const functions = testFunctions({ variables: { BUDGETS: '{"key":{"dayUsd":0.05}}' } });
  const { outboundPlans, budgets, budgetGuard } = functions.services;
  const broken = {
    ...functions.services,
    outboundPlans: { ...outboundPlans, put: async () => Promise.reject(new Error('broken')) },
  };

  const answer = await order({ ...functions, load: async () => broken });

  assert.equal(answer.status, 500);
  assert.deepEqual(await budgets.taken(budgetGuard.accounts({ keyId: 'everything' })), [0]);
});
