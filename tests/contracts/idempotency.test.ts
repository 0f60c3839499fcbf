import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { createDynamoIdempotency } from '#adapters/dynamodb/idempotency.ts';
import { startTestDatabase, tableNames } from '#tests/support/embedded-database.ts';
import { createInMemoryIdempotency } from '#tests/support/in-memory-outbound.ts';
import { describeIdempotencyContract, type IdempotencySubject } from './idempotency-contract.ts';

async function inMemory(): Promise<IdempotencySubject> {
  let now = new Date(0);
  const memory = createInMemoryIdempotency(() => now);
  return {
    here: memory,
    elsewhere: memory,
    setNow: (at) => {
      now = at;
    },
    close: async () => undefined,
  };
}

async function onDynamo(): Promise<IdempotencySubject> {
  const database = await startTestDatabase();
  let now = new Date(0);
  const clients = [1, 2].map(() => createDynamoDocuments({ region: 'us-east-1', endpoint: database.url }));
  const [here, elsewhere] = clients.map((client) =>
    createDynamoIdempotency(client, tableNames.limits, () => now),
  );
  if (!here || !elsewhere) throw new Error('Two clients were made');
  return {
    here,
    elsewhere,
    setNow: (at) => {
      now = at;
    },
    close: () => {
      for (const client of clients) client.destroy();
      return database.close();
    },
  };
}

describeIdempotencyContract('The memory of a process', inMemory);
describeIdempotencyContract('The memory on DynamoDB', onDynamo);
