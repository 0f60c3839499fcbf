import { createDynamoCallStore } from '#adapters/dynamodb/call-store.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { createDynamoCostStore } from '#adapters/dynamodb/cost-store.ts';
import { startTestDatabase, tableNames } from '#tests/support/embedded-database.ts';
import { createInMemoryCallStore } from '#tests/support/in-memory-call-store.ts';
import { createInMemoryCostStore } from '#tests/support/in-memory-cost-store.ts';
import { type CostStoreSubject, describeCostStoreContract } from './cost-store-contract.ts';

const now = () => new Date('2026-03-10T12:00:00Z');

async function inMemory(): Promise<CostStoreSubject> {
  const calls = createInMemoryCallStore({ now });
  return { calls, costs: createInMemoryCostStore(calls), close: async () => undefined };
}

async function onDynamo(): Promise<CostStoreSubject> {
  const database = await startTestDatabase();
  const documents = createDynamoDocuments({ region: 'us-east-1', endpoint: database.url });
  return {
    calls: createDynamoCallStore({ documents, table: tableNames.calls, cursorSecret: 'secret', now }),
    costs: createDynamoCostStore({
      documents,
      table: tableNames.costs,
      callsTable: tableNames.calls,
      now,
    }),
    close: () => {
      documents.destroy();
      return database.close();
    },
  };
}

describeCostStoreContract('The cost store in memory', inMemory);
describeCostStoreContract('The cost store on DynamoDB', onDynamo);
