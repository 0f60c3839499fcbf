import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from '#core/limits.ts';
import { createCallStatus } from '#lambdas/http/call-status.ts';
import { createOutboundCall } from '#lambdas/http/outbound-call.ts';
import { createCloseStaleCalls } from '#lambdas/jobs/close-stale-calls.ts';
import { createLambdaContext } from '#local/http/lambda-context.ts';
import {
  gatewayEvent,
  invoke,
  keys,
  type TestFunctions,
  testFunctions,
  webhookEvent,
} from '#tests/lambdas/functions.ts';

const order = (functions: TestFunctions, idempotencyKey?: string) =>
  invoke(
    createOutboundCall(functions.load),
    gatewayEvent({
      method: 'POST',
      path: '/call/outbound',
      headers: {
        authorization: `Bearer ${keys.everything}`,
        'content-type': 'application/json',
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
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

const perKey = { variables: { BUDGETS: '{"key":{"dayUsd":0.05}}' } };
const takenOf = ({ services: { budgets, budgetGuard } }: TestFunctions) =>
  budgets.taken(budgetGuard.accounts({ keyId: 'everything' }));

/** As the carrier tells it, with what it was given. */
function tell(functions: TestFunctions, CallStatus: string) {
  const url = new URL(functions.carrier.placed[0]?.statusCallbackUrl ?? 'http://none');
  const params = { CallSid: functions.carrier.placed[0]?.callSid ?? '', CallStatus, CallDuration: '0' };
  return invoke(
    createCallStatus(functions.load),
    webhookEvent({ path: url.pathname, query: url.search.slice(1), params }),
  );
}

async function closeStale(functions: TestFunctions) {
  await functions.clock.advance(limits.staleAfterMs + 1_000);
  const context = createLambdaContext({ functionName: 'job', requestId: 'id', timeoutMs: 5_000 });
  await createCloseStaleCalls(functions.load)({} as never, context);
}

/** A handler waits between two looks for a lost call. */
async function patiently<T>(functions: TestFunctions, work: Promise<T>): Promise<T> {
  let ended = false;
  const watched = work.finally(() => {
    ended = true;
  });
  while (!ended) {
    await new Promise(setImmediate);
    await functions.clock.advance(500);
  }
  return watched;
}

test('a call that nobody answers gives its allowance back', async () => {
  const functions = testFunctions(perKey);
  await order(functions);
  const held = await takenOf(functions);
  await tell(functions, 'no-answer');

  await closeStale(functions);

  assert.deepEqual([held, await takenOf(functions)], [[0.05], [0]]);
  assert.equal((await order(functions)).status, 201);
});

test('so does one of which only the callbacks of the carrier told', async () => {
  const functions = testFunctions(perKey);
  functions.carrier.next('lost');
  functions.carrier.showsCalls(false);
  const unknown = await patiently(functions, order(functions));
  await tell(functions, 'busy');

  await closeStale(functions);

  assert.equal(unknown.status, 503);
  assert.deepEqual(await takenOf(functions), [0]);
});

test('an order that is repeated holds one allowance, not one for each attempt', async () => {
  const functions = testFunctions({ variables: { BUDGETS: '{"key":{"dayUsd":0.5}}' } });
  functions.carrier.next({ did: 'unclear' }, { did: 'unclear' });
  const repeated = () => patiently(functions, order(functions, 'order 1'));

  const answers = [await repeated(), await repeated(), await repeated()];

  assert.deepEqual(
    answers.map(({ status }) => status),
    [503, 503, 201],
  );
  assert.deepEqual(await takenOf(functions), [0.05]);
});
