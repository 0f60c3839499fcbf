import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { createDynamoIdempotency } from '#adapters/dynamodb/idempotency.ts';
import { createDynamoOutboundPlans } from '#adapters/dynamodb/outbound-plans.ts';
import type { OutboundCalls } from '#core/ports/outbound-calls.ts';
import { createOutboundCall } from '#lambdas/http/outbound-call.ts';
import { gatewayEvent, invoke, keys, testFunctions } from '#tests/lambdas/functions.ts';
import { startTestDatabase, type TestDatabase, tableNames } from '#tests/support/embedded-database.ts';

let database: TestDatabase;
before(async () => {
  database = await startTestDatabase();
});
after(() => database.close());

const request = (idempotencyKey: string) =>
  gatewayEvent({
    method: 'POST',
    path: '/call/outbound',
    headers: {
      authorization: `Bearer ${keys.calling}`,
      'content-type': 'application/json',
      'idempotency-key': idempotencyKey,
    },
    body: JSON.stringify({ to: '+14155550100', role: 'parent' }),
  });

/** A process of its own with the shared database; the carrier takes its time. */
function functionsOn(url: string, calls: OutboundCalls) {
  const documents = createDynamoDocuments({
    region: 'us-east-1',
    endpoint: url,
    requestTimeoutMs: 30_000,
    connectionTimeoutMs: 30_000,
  });
  const functions = testFunctions();
  const now = () => functions.clock.now();
  const services = {
    ...functions.services,
    idempotency: createDynamoIdempotency(documents, tableNames.limits, now),
    outboundPlans: createDynamoOutboundPlans(documents, tableNames.limits, now),
    outboundCalls: calls,
  };
  return { handler: createOutboundCall(async () => services), close: () => documents.destroy() };
}

describe('Two hundred identical requests at once, in two processes', () => {
  test('place exactly one call; everybody gets its answer, or is told that it is being placed', async () => {
    const { carrier } = testFunctions();
    const slow: OutboundCalls = {
      ...carrier.outboundCalls,
      async place(...asked) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return carrier.outboundCalls.place(...asked);
      },
    };
    const processes = [functionsOn(database.url, slow), functionsOn(database.url, slow)];

    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => invoke(processes[i % 2]?.handler, request('order 1'))),
    );
    const later = await invoke(processes[0]?.handler, request('order 1'));
    for (const { close } of processes) close();

    assert.equal(carrier.placed.length, 1);
    const first = answers.filter(({ status, headers }) => status === 201 && !headers['x-idempotent-replay']);
    assert.equal(first.length, 1);
    assert.deepEqual(
      [...new Set(answers.map(({ status }) => status))].filter((s) => s !== 201 && s !== 409),
      [],
    );
    assert.deepEqual([later.status, later.body], [201, first[0]?.body]);
  });
});
