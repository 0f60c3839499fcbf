import { createDynamoAlertStore } from '#adapters/dynamodb/alert-store.ts';
import { createDynamoBudgetStore } from '#adapters/dynamodb/budget-store.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { createInMemoryAlertStore, createInMemoryBudgetStore } from '#tests/support/budgets.ts';
import { startTestDatabase, tableNames } from '#tests/support/embedded-database.ts';
import { type BudgetStoreSubject, describeBudgetStoreContract } from './budget-store-contract.ts';

async function inMemory(): Promise<BudgetStoreSubject> {
  return {
    budgets: createInMemoryBudgetStore(),
    alerts: createInMemoryAlertStore(),
    close: async () => undefined,
  };
}

async function onDynamo(): Promise<BudgetStoreSubject> {
  const database = await startTestDatabase();
  const documents = createDynamoDocuments({ region: 'us-east-1', endpoint: database.url });
  const table = { documents, table: tableNames.costs, now: () => new Date('2026-11-21T12:00:00Z') };
  return {
    budgets: createDynamoBudgetStore(table),
    alerts: createDynamoAlertStore(table),
    close: () => {
      documents.destroy();
      return database.close();
    },
  };
}

describeBudgetStoreContract('The budget store in memory', inMemory);
describeBudgetStoreContract('The budget store on DynamoDB', onDynamo);
