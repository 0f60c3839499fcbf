import { after, before } from 'node:test';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import type { Documents } from '#adapters/dynamodb/documents.ts';
import { startTestDatabase, type TestDatabase } from './embedded-database.ts';

export interface UsedDatabase {
  readonly url: string;
  readonly documents: Documents;
}

/** One database, with our tables, for the tests of a file or of the `describe` it is called in; there in its tests. */
export function useDatabase(): UsedDatabase {
  let started: { readonly database: TestDatabase; readonly documents: Documents } | undefined;
  const use = () => {
    if (!started) throw new Error('The database is there in tests and hooks only');
    return started;
  };
  before(async () => {
    const database = await startTestDatabase();
    started = { database, documents: createDynamoDocuments({ region: 'us-east-1', endpoint: database.url }) };
  });
  after(async () => {
    use().documents.destroy();
    await use().database.close();
  });
  return {
    get url() {
      return use().database.url;
    },
    get documents() {
      return use().documents;
    },
  };
}
