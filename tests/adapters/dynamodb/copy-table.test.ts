/** A restored table gives back what was lost, and takes nothing that is newer. */
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { type CopyOptions, copyTable } from '#adapters/dynamodb/copy-table.ts';
import { ProviderError } from '#core/errors.ts';
import { useDatabase } from '#tests/support/use-database.ts';

const database = useDatabase();
let nth = 0;
let from: string;
let to: string;

beforeEach(async () => {
  nth += 1;
  [from, to] = [`restored-${nth}`, `used-${nth}`];
  for (const TableName of [from, to])
    await database.documents.client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
});

const now = new Date('2026-11-21T12:00:00Z');
const nowSecs = now.getTime() / 1000;
const put = (TableName: string, Item: Record<string, unknown>) => database.documents.put({ TableName, Item });
const copy = (options: Partial<CopyOptions> = {}) =>
  copyTable({ documents: database.documents, from, to, now, overwrite: false, ...options });
async function find(pk: string, sk: string) {
  const { Item } = await database.documents.get({ TableName: to, Key: { pk, sk } });
  return Item;
}

describe('A table in use', () => {
  test('gets back what it has lost, as it was', async () => {
    const item = {
      pk: 'CALL#1',
      sk: 'TURN#0',
      text: 'Hello',
      tools: [{ name: 'a' }],
      expiresAt: nowSecs + 60,
    };
    await put(from, item);

    const result = await copy();

    assert.deepEqual(result, { written: 1, kept: 0, expired: 0 });
    assert.deepEqual(await find('CALL#1', 'TURN#0'), item);
  });

  test('keeps what was written since, unless it is told otherwise', async () => {
    await put(from, { pk: 'CALL#1', sk: 'RECORD', status: 'in-progress' });
    await put(to, { pk: 'CALL#1', sk: 'RECORD', status: 'completed' });

    const result = await copy();
    const kept = await find('CALL#1', 'RECORD');
    await copy({ overwrite: true });

    assert.deepEqual(result, { written: 0, kept: 1, expired: 0 });
    assert.equal(kept?.['status'], 'completed');
    assert.equal((await find('CALL#1', 'RECORD'))?.['status'], 'in-progress');
  });

  test('gets nothing back whose time is over', async () => {
    await put(from, { pk: 'CALL#1', sk: 'RECORD', expiresAt: nowSecs });

    const result = await copy();

    assert.deepEqual(result, { written: 0, kept: 0, expired: 1 });
    assert.equal(await find('CALL#1', 'RECORD'), undefined);
  });

  test('gets one call back when only that is wanted', async () => {
    await put(from, { pk: 'CALL#1', sk: 'RECORD' });
    await put(from, { pk: 'CALL#2', sk: 'RECORD' });

    await copy({ pk: 'CALL#2' });

    assert.equal(await find('CALL#1', 'RECORD'), undefined);
    assert.ok(await find('CALL#2', 'RECORD'));
  });

  test('gets everything back from more than one page', async () => {
    const megabytePages = 30;
    const text = 'x'.repeat(100_000);
    for (let n = 0; n < megabytePages; n += 1) await put(from, { pk: 'CALL#1', sk: `TURN#${n}`, text });
    const progress: number[] = [];

    const result = await copy({ onProgress: ({ written }) => void progress.push(written) });

    assert.equal(result.written, megabytePages);
    assert.ok(progress.length > 1);
  });

  test('a table that does not exist is a failure that says so', async () => {
    await assert.rejects(copy({ from: 'nowhere' }), ProviderError);
  });
});
