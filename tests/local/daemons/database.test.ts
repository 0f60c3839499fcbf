import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { DynamoDBClient, GetItemCommand, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type JoinedDaemon, joinDaemon } from '#local/daemons/daemon.ts';

const script = path.resolve(import.meta.dirname, '../../../local/daemons/database.ts');
const names = {
  CALLS_TABLE: 'calls',
  COSTS_TABLE: 'costs',
  LIMITS_TABLE: 'limits',
  CONSENTS_TABLE: 'consents',
};
const credentials = { accessKeyId: 'development', secretAccessKey: 'development' };

describe('The database daemon', () => {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'database-daemon-'));
  const joins: JoinedDaemon[] = [];
  after(async () => {
    await Promise.all(joins.map((joined) => joined.release()));
    rmSync(dataDir, { recursive: true, force: true });
  });
  const join = async () => {
    const joined = await joinDaemon({ name: 'database', script, dataDir, env: names });
    joins.push(joined);
    const endpoint = joined.info.addresses['url'] as string;
    return { joined, client: new DynamoDBClient({ endpoint, region: 'us-east-1', credentials }) };
  };

  it('has every table, and keeps what was written when it is killed and started again', async () => {
    const first = await join();
    const item = { pk: { S: 'PHONE#1' }, sk: { S: '2026' } };
    await first.client.send(new PutItemCommand({ TableName: 'consents', Item: item }));
    const tables = await first.client.send(new ListTablesCommand({}));
    first.client.destroy();

    process.kill(first.joined.info.pid, 'SIGKILL');
    await first.joined.lost;
    const second = await join();
    const found = await second.client.send(new GetItemCommand({ TableName: 'consents', Key: item }));
    second.client.destroy();

    assert.deepEqual(tables.TableNames, ['calls', 'consents', 'costs', 'limits']);
    assert.deepEqual(found.Item, item);
    assert.equal(second.joined.info.addresses['url'], first.joined.info.addresses['url']);
  });
});
