import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createDynamoCallStore } from '#adapters/dynamodb/call-store.ts';
import { createDynamoCallerLookup } from '#adapters/dynamodb/caller-lookup.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { createDynamoConductStore } from '#adapters/dynamodb/conduct-store.ts';
import type { Documents } from '#adapters/dynamodb/documents.ts';
import { callSidSchema } from '#core/ids.ts';
import { callRecord } from '#tests/support/calls.ts';
import { startTestDatabase, type TestDatabase, tableNames } from '#tests/support/embedded-database.ts';

const noon = new Date('2026-11-21T12:00:00Z');
const now = () => noon;
const callSid = callSidSchema.parse(`CA${'7'.repeat(32)}`);
let database: TestDatabase;
let documents: Documents;
before(async () => {
  database = await startTestDatabase();
  documents = createDynamoDocuments({ region: 'us-east-1', endpoint: database.url });
});
after(() => {
  documents.destroy();
  return database.close();
});

const lookUp = (callerHash: string) =>
  createDynamoCallerLookup({
    documents,
    callsTable: tableNames.calls,
    limitsTable: tableNames.limits,
    now,
  }).find({ callSid, callerHash });

describe('What is known of a call that comes in', () => {
  test('is nothing of somebody who has never called', async () => {
    assert.deepEqual(await lookUp('new-caller'), { isBlocked: false, conduct: undefined, record: undefined });
  });

  test('is the block while it lasts, and how the caller has behaved', async () => {
    const conduct = { cycles: 2, admittedAtMs: [] };
    const block = (pk: string, secs: number) =>
      documents.put({
        TableName: tableNames.limits,
        Item: { pk, expiresAt: noon.getTime() / 1000 + secs },
      });
    await Promise.all([block('BLOCK#rude', 1), block('BLOCK#was-rude', 0)]);
    await createDynamoConductStore(documents, tableNames.limits, now).put('rude', conduct);

    const [rude, wasRude] = await Promise.all([lookUp('rude'), lookUp('was-rude')]);

    assert.deepEqual([rude.isBlocked, rude.conduct], [true, conduct]);
    assert.deepEqual([wasRude.isBlocked, wasRude.conduct], [false, undefined]);
  });

  test('is its record when the webhook comes again, as long as records are kept', async () => {
    const record = callRecord({ callSid, expiresAt: noon.getTime() / 1000 + 1 });
    const store = createDynamoCallStore({ documents, table: tableNames.calls, cursorSecret: 'secret', now });
    await store.create(record);

    const found = await lookUp('new-caller');
    await store.delete(callSid);
    await store.create({ ...record, expiresAt: noon.getTime() / 1000 });
    const expired = await lookUp('new-caller');

    assert.deepEqual([found.record, expired.record], [record, undefined]);
  });
});
