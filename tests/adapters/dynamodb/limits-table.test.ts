import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoBlockList } from '#adapters/dynamodb/block-list.ts';
import { createDynamoBlockListAdmin } from '#adapters/dynamodb/block-list-admin.ts';
import { createDynamoCallerGate } from '#adapters/dynamodb/caller-gate.ts';
import { callerKey } from '#adapters/dynamodb/caller-items.ts';
import { createDynamoClient } from '#adapters/dynamodb/client.ts';
import { createDynamoConductStore } from '#adapters/dynamodb/conduct-store.ts';
import { createTables } from '#adapters/dynamodb/create-tables.ts';
import { createDynamoOneTimeTokens } from '#adapters/dynamodb/one-time-tokens.ts';
import { createDynamoRateLimiter } from '#adapters/dynamodb/rate-limiter.ts';
import { newConduct } from '#core/abuse/conduct.ts';
import { ProviderError } from '#core/errors.ts';
import { callSidSchema } from '#core/ids.ts';
import { inboundPerCaller } from '#core/rate-limits/rules.ts';
import { slotsPerWindow } from '#core/rate-limits/sliding-window.ts';
import { type TableName, tables } from '#core/records/tables.ts';
import { startTestDatabase, tableNames } from '#tests/support/embedded-database.ts';
import { intercepted } from '#tests/support/intercept-requests.ts';
import { useDatabase } from '#tests/support/use-database.ts';

const database = useDatabase();

const noon = new Date('2026-11-21T12:00:00Z');
const secs = (at: Date) => at.getTime() / 1000;

async function block(callerHash: string, until?: Date): Promise<void> {
  const details = { callerHash, numberMasked: '+1******0100', reason: 'rude', createdAt: noon.toISOString() };
  const admin = createDynamoBlockListAdmin(database.documents, tableNames.limits, () => noon);
  await admin.block({ ...details, ...(until === undefined ? {} : { until }) });
}

describe('The block list', () => {
  const blockList = () => createDynamoBlockList(database.documents, tableNames.limits, () => noon);

  test('knows only who is on it', async () => {
    await block('for-good');

    assert.equal(await blockList().isBlocked('for-good'), true);
    assert.equal(await blockList().isBlocked('somebody-else'), false);
  });

  test('lets a caller in again when the time is over, though the item is still there', async () => {
    await block('until-noon', noon);
    await block('a-second-longer', new Date(noon.getTime() + 1_000));

    assert.equal(await blockList().isBlocked('until-noon'), false);
    assert.equal(await blockList().isBlocked('a-second-longer'), true);
  });

  test('does not forget a block because the caller calls, or because a call of theirs ends', async () => {
    await block('persistent');
    const table = { documents: database.documents, table: tableNames.limits, now: () => noon };
    const callSid = callSidSchema.parse(`CA${'1'.repeat(32)}`);

    await createDynamoCallerGate(table).knock({ callSid, callerHash: 'persistent' }, inboundPerCaller(10));
    await createDynamoConductStore(database.documents, tableNames.limits, table.now).put(
      'persistent',
      newConduct,
    );

    const { Item: item } = await database.documents.get({
      TableName: tableNames.limits,
      Key: callerKey('persistent'),
    });
    assert.ok(Number(item?.['expiresAt']) > secs(new Date('9000-01-01T00:00:00Z')));
  });

  test('keeps what is known of a caller for two days after the block was lifted', async () => {
    await block('forgiven');

    await createDynamoBlockListAdmin(database.documents, tableNames.limits, () => noon).unblock('forgiven');

    const { Item: item } = await database.documents.get({
      TableName: tableNames.limits,
      Key: callerKey('forgiven'),
    });
    assert.deepEqual(item, { ...callerKey('forgiven'), expiresAt: secs(noon) + 2 * 86_400 });
  });
});

describe('One-time tokens', () => {
  test('are kept an hour longer than they are valid, and not for ever', async () => {
    const expiresAt = new Date('2026-11-21T12:01:00.500Z');
    await createDynamoOneTimeTokens(database.documents, tableNames.limits).redeem('kept-nonce', expiresAt);

    const { Item: item } = await database.documents.get({
      TableName: tableNames.limits,
      Key: { pk: 'TOKEN#kept-nonce' },
    });

    assert.equal(item?.['expiresAt'], Date.parse('2026-11-21T13:01:01Z') / 1000);
  });

  test('let the caller in whose first answer was lost on the way', async () => {
    const sentTwice = intercepted(database.documents, async (_, send) => {
      await send();
      return send();
    });

    const tokens = createDynamoOneTimeTokens(sentTwice, tableNames.limits);

    assert.equal(await tokens.redeem('repeated-nonce', new Date()), true);
    assert.equal(await tokens.redeem('repeated-nonce', new Date()), false);
  });

  test('say so when their memory is away', async () => {
    const tokens = createDynamoOneTimeTokens(database.documents, 'no-such-table');

    await assert.rejects(tokens.redeem('nonce', new Date()), ProviderError);
  });
});

describe('The tables', () => {
  test('are made with the keys and indexes that the definitions say', async () => {
    const client = createDynamoClient({ region: 'us-east-1', endpoint: database.url });

    for (const name of Object.keys(tables) as TableName[]) {
      const { Table: made } = await client.send(new DescribeTableCommand({ TableName: tableNames[name] }));
      const { partitionKey, sortKey, indexes } = tables[name];
      const keys = [partitionKey, ...(sortKey === undefined ? [] : [sortKey])];
      assert.deepEqual(
        made?.KeySchema?.map(({ AttributeName }) => AttributeName),
        keys,
        name,
      );
      assert.deepEqual(
        made?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).toSorted(),
        indexes.length === 0 ? undefined : indexes.map((index) => index.name).toSorted(),
        name,
      );
    }
    client.destroy();
  });

  test('that are there already stay as they are', async () => {
    await block('still-there');

    await createTables({ endpoint: database.url, names: tableNames });

    const blockList = createDynamoBlockList(database.documents, tableNames.limits, () => new Date());
    assert.equal(await blockList.isBlocked('still-there'), true);
  });

  test('cannot be made where nobody answers', async () => {
    const gone = await startTestDatabase();
    await gone.close();

    await assert.rejects(createTables({ endpoint: gone.url, names: tableNames }), ProviderError);
  });
});

describe('A counter of requests', () => {
  test('keeps little more than the window that is looked at, steadily asked or after pauses', async () => {
    let nowMs = Date.parse('2026-11-21T12:00:00Z');
    const rule = { name: 'growing', windows: [{ seconds: 60, max: 1_000 }] };
    const limiter = createDynamoRateLimiter(database.documents, tableNames.limits, () => new Date(nowMs));
    const pausesSecs = [...Array<number>(100).fill(2), 90, ...Array<number>(100).fill(5), 600, 2, 2];

    const sizes: number[] = [];
    for (const pauseSecs of pausesSecs) {
      nowMs += pauseSecs * 1_000;
      await limiter.take(rule, 'somebody');
      const { Item: item = {} } = await database.documents.get({
        TableName: tableNames.limits,
        Key: { pk: 'RATE#growing#somebody' },
      });
      sizes.push(Object.keys(item).filter((name) => name.startsWith('w60_')).length);
    }

    assert.ok(Math.max(...sizes) <= 2 * slotsPerWindow + 2, String(Math.max(...sizes)));
  });
});
