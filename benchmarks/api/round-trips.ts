/** What the database itself takes for an incoming call: the same five requests with nothing of ours around them. */
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { tableNames } from '#tests/support/embedded-database.ts';
import { time } from '../support/timing.ts';

const warmUps = 200;

/** @returns milliseconds for one read and, after it, four writes at once. */
export async function measureRoundTrips(databaseUrl: string, calls: number): Promise<readonly number[]> {
  const documents = createDynamoDocuments({ region: 'us-east-1', endpoint: databaseUrl });
  const count = (table: string, key: Record<string, string>) =>
    documents.update({
      TableName: table,
      Key: key,
      UpdateExpression: 'ADD #n :one',
      ExpressionAttributeNames: { '#n': 'n' },
      ExpressionAttributeValues: { ':one': 1 },
    });
  let n = 0;
  const ring = async () => {
    n += 1;
    const pk = `FLOOR#${n}`;
    await documents.batchGet({
      RequestItems: {
        [tableNames.limits]: { Keys: [{ pk }, { pk: `${pk}#2` }] },
        [tableNames.calls]: { Keys: [{ pk, sk: 'RECORD' }] },
      },
    });
    await Promise.all([
      count(tableNames.limits, { pk }),
      count(tableNames.limits, { pk: 'FLOOR' }),
      count(tableNames.costs, { pk: 'FLOOR', sk: 'STAGE' }),
      documents.put({ TableName: tableNames.calls, Item: { pk, sk: 'RECORD' } }),
    ]);
  };
  await time(ring, warmUps);
  const times = await time(ring, calls);
  documents.destroy();
  return times;
}
