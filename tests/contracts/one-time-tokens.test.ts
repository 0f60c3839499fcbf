import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { createDynamoOneTimeTokens } from '#adapters/dynamodb/one-time-tokens.ts';
import { startTestDatabase, tableNames } from '#tests/support/embedded-database.ts';
import { createInMemoryOneTimeTokens } from '#tests/support/in-memory-one-time-tokens.ts';
import { describeOneTimeTokensContract, type OneTimeTokensSubject } from './one-time-tokens-contract.ts';

async function inMemory(): Promise<OneTimeTokensSubject> {
  const tokens = createInMemoryOneTimeTokens();
  return { here: tokens, elsewhere: tokens, close: async () => undefined };
}

async function onDynamo(): Promise<OneTimeTokensSubject> {
  const database = await startTestDatabase();
  const clients = [1, 2].map(() => createDynamoDocuments({ region: 'us-east-1', endpoint: database.url }));
  const [here, elsewhere] = clients.map((client) => createDynamoOneTimeTokens(client, tableNames.limits));
  if (!here || !elsewhere) throw new Error('Two clients were made');
  return {
    here,
    elsewhere,
    close: () => {
      for (const client of clients) client.destroy();
      return database.close();
    },
  };
}

describeOneTimeTokensContract('Nonces in memory', inMemory);
describeOneTimeTokensContract('Nonces on DynamoDB', onDynamo);
