/** DynamoDB in memory with our tables, for one test file. */
import { createTables } from '#adapters/dynamodb/create-tables.ts';
import { startEmbeddedDatabase } from '#local/database/embedded-database.ts';
import { developmentAwsCredentials } from '#local/development-values.ts';

export const tableNames = {
  calls: 'calls',
  costs: 'costs',
  limits: 'limits',
  consents: 'consents',
} as const;

export interface TestDatabase {
  readonly url: string;
  close(): Promise<void>;
}

export async function startTestDatabase(): Promise<TestDatabase> {
  // The SDK reads its credentials from the process environment only.
  Object.assign(process.env, developmentAwsCredentials);
  const database = await startEmbeddedDatabase({});
  await createTables({ endpoint: database.url, names: tableNames });
  return database;
}
