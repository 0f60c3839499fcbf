/** What the database itself takes for an incoming call: the same four requests with nothing of ours around them. */
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { tableNames } from '#tests/support/embedded-database.ts';
import { time } from '../support/timing.ts';

/** @returns milliseconds for one update and, after it, two updates and a new item at once. */
export function createRequests(databaseUrl: string): (count: number) => Promise<readonly number[]> {
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
    await count(tableNames.limits, { pk });
    await Promise.all([
      count(tableNames.limits, { pk: 'FLOOR' }),
      count(tableNames.costs, { pk: 'FLOOR', sk: 'STAGE' }),
      documents.put({ TableName: tableNames.calls, Item: { pk, sk: 'RECORD' } }),
    ]);
  };
  return (times) => time(ring, times);
}
