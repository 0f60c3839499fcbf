import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '#local/database/embedded-database.ts';

const credentials = { accessKeyId: 'development', secretAccessKey: 'development' };
const connect = ({ url }: EmbeddedDatabase) =>
  new DynamoDBClient({ endpoint: url, region: 'us-east-1', credentials, maxAttempts: 1 });

describe('The embedded database', () => {
  const folders: string[] = [];
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  const makeFolder = () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'database-'));
    folders.push(folder);
    return folder;
  };

  it('keeps what was written when it is closed and opened again, at the same address', async () => {
    const folder = makeFolder();
    const first = await startEmbeddedDatabase({ folder });
    const writer = connect(first);
    await writer.send(
      new CreateTableCommand({
        TableName: 'things',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      }),
    );
    await writer.send(new PutItemCommand({ TableName: 'things', Item: { pk: { S: 'a' }, n: { N: '1' } } }));

    await first.close();
    const second = await startEmbeddedDatabase({ folder, port: Number(new URL(first.url).port) });
    const reader = connect(second);
    const found = await reader.send(new GetItemCommand({ TableName: 'things', Key: { pk: { S: 'a' } } }));
    writer.destroy();
    reader.destroy();
    await second.close();

    assert.deepEqual(found.Item, { pk: { S: 'a' }, n: { N: '1' } });
    assert.equal(second.url, first.url);
  });

  it('takes another port when the wanted one is taken', async () => {
    const first = await startEmbeddedDatabase({});

    const second = await startEmbeddedDatabase({ port: Number(new URL(first.url).port) });
    await Promise.all([first.close(), second.close()]);

    assert.notEqual(second.url, first.url);
  });

  it('is closed under clients that were still asking and have gone', async () => {
    for (let round = 0; round < 10; round += 1) {
      const database = await startEmbeddedDatabase({});
      const client = connect(database);
      await client.send(
        new CreateTableCommand({
          TableName: 'things',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        }),
      );
      const asking = Array.from({ length: 30 }, (_, n) =>
        client.send(new PutItemCommand({ TableName: 'things', Item: { pk: { S: String(n) } } })).then(
          () => 'written',
          () => 'lost',
        ),
      );
      // Some are answered, some are being worked on, some are on their way.
      await asking[round];
      client.destroy();

      await database.close();

      const outcomes = new Set(await Promise.all(asking));
      assert.ok(outcomes.has('written'));
    }
  });
});
