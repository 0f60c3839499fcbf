import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { digestApiKey } from '#adapters/crypto/api-keys.ts';
import { createCallStatus } from '#lambdas/http/call-status.ts';
import { createHealth } from '#lambdas/http/health.ts';
import { createInboundCall } from '#lambdas/http/inbound-call.ts';
import { createRecordGet } from '#lambdas/http/record-get.ts';
import { createRecordsList } from '#lambdas/http/records-list.ts';
import { createWire } from '#lambdas/wire.ts';
import { environment, gatewayEvent, invoke, webhookEvent } from '#tests/lambdas/functions.ts';
import { startTestDatabase, type TestDatabase } from '#tests/support/embedded-database.ts';

const callSid = `CA${'7'.repeat(32)}`;
const params = { CallSid: callSid, From: '+14155550100', To: '+18005550199', CallStatus: 'ringing' };
let database: TestDatabase;
before(async () => {
  database = await startTestDatabase();
});
after(() => database.close());

const variables = () => ({
  ...environment,
  LOG_LEVEL: 'error',
  AWS_ENDPOINT_URL_DYNAMODB: database.url,
  OUTBOUND_API_KEY: 'development-key',
  API_KEYS: JSON.stringify([{ id: 'crm', sha256: digestApiKey('crm-key'), scopes: ['records:read'] }]),
});

/** What the functions write to standard output meanwhile. */
async function outputOf(work: () => Promise<unknown>): Promise<string> {
  const { write } = process.stdout;
  let output = '';
  process.stdout.write = ((text: string) => {
    output += text;
    return true;
  }) as typeof write;
  try {
    await work();
  } finally {
    process.stdout.write = write;
  }
  return output;
}

describe('The functions put together', () => {
  test('take a call from its first ring to its record in the database', async () => {
    const wire = createWire(async () => variables());
    let statuses: number[] = [];
    let shown: { status?: string; callerHash?: string } = {};
    let listed: { items: unknown[] } = { items: [] };

    await outputOf(async () => {
      const ring = await invoke(createInboundCall(wire), webhookEvent({ path: '/call/incoming', params }));
      const told = await invoke(
        createCallStatus(wire),
        webhookEvent({
          path: '/call/status',
          params: { ...params, CallStatus: 'in-progress', SequenceNumber: '2' },
        }),
      );
      const request = (key: string) => ({
        path: '/records',
        headers: { authorization: `Bearer ${key}` },
        pathParameters: { callSid },
      });
      const record = await invoke(createRecordGet(wire), gatewayEvent(request('crm-key')));
      const list = await invoke(createRecordsList(wire), gatewayEvent(request('development-key')));
      statuses = [ring, told, record, list].map(({ status }) => status);
      shown = record.json;
      listed = list.json;
    });

    assert.deepEqual(statuses, [200, 204, 200, 200]);
    assert.equal(shown.status, 'in-progress');
    assert.match(shown.callerHash ?? '', /^[0-9a-f]{32}$/);
    assert.equal(listed.items.length, 1);
  });

  test('are built once per process, and again only after they could not be built', async () => {
    let reads = 0;
    const wire = createWire(async () => {
      reads += 1;
      if (reads === 1) throw new Error('The parameters could not be read');
      return variables();
    });

    await assert.rejects(wire());
    const [first, second] = [await wire(), await wire()];

    assert.equal(first, second);
    assert.equal(reads, 2);
  });

  test('without their settings answer an error and say in a line what is missing, never a value', async () => {
    const wire = createWire(async () => ({ ...variables(), CALLS_TABLE: '', DEFAULT_ROLE: 'wizard' }));
    let status = 0;

    const output = await outputOf(async () => {
      ({ status } = await invoke(createHealth(wire), gatewayEvent({ path: '/health' })));
    });

    assert.equal(status, 500);
    const line = JSON.parse(output) as { level: string; msg: string; problem: string };
    assert.deepEqual([line.level, line.msg], ['error', 'function.not-configured']);
    assert.match(line.problem, /CALLS_TABLE[\s\S]*DEFAULT_ROLE|DEFAULT_ROLE[\s\S]*CALLS_TABLE/);
    assert.doesNotMatch(output, /wizard|development-key/);
  });
});
