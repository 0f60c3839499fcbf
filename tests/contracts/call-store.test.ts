import { createDynamoCallStore } from '#adapters/dynamodb/call-store.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { startTestDatabase, tableNames } from '#tests/support/embedded-database.ts';
import { createInMemoryCallStore } from '#tests/support/in-memory-call-store.ts';
import { type CallStoreSubject, describeCallStoreContract } from './call-store-contract.ts';

const startsAt = new Date('2026-11-21T12:00:00Z');

async function inMemory(): Promise<CallStoreSubject> {
  let now = startsAt;
  return {
    store: createInMemoryCallStore({ now: () => now }),
    setNow: (date) => {
      now = date;
    },
    close: async () => undefined,
  };
}

async function onDynamo(): Promise<CallStoreSubject> {
  let now = startsAt;
  const database = await startTestDatabase();
  const documents = createDynamoDocuments({ region: 'us-east-1', endpoint: database.url });
  return {
    store: createDynamoCallStore({
      documents,
      table: tableNames.calls,
      cursorSecret: 'a cursor secret',
      now: () => now,
    }),
    setNow: (date) => {
      now = date;
    },
    close: () => {
      documents.destroy();
      return database.close();
    },
  };
}

describeCallStoreContract('The call store in memory', inMemory);
describeCallStoreContract('The call store on DynamoDB', onDynamo);
