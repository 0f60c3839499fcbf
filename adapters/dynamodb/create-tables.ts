/** Makes the tables of `core/records/tables.ts` in a database that is not deployed by a stack. */
import { CreateTableCommand, type CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { type TableDefinition, type TableName, tables } from '#core/records/tables.ts';
import { createDynamoClient } from './client.ts';
import { toProviderError } from './failures.ts';

export interface CreateTablesOptions {
  readonly endpoint: string;
  readonly names: Readonly<Record<TableName, string>>;
  readonly region?: string;
}

/** Leaves tables alone that are there already. */
export async function createTables({
  endpoint,
  names,
  region = 'us-east-1',
}: CreateTablesOptions): Promise<void> {
  const client = createDynamoClient({ region, endpoint });
  try {
    for (const table of Object.keys(tables) as TableName[])
      await client
        .send(new CreateTableCommand(tableInput(names[table], tables[table])))
        .catch((error: unknown) => {
          if (!(error instanceof Error && error.name === 'ResourceInUseException'))
            throw toProviderError(error);
        });
  } finally {
    client.destroy();
  }
}

function tableInput(name: string, definition: TableDefinition): CreateTableCommandInput {
  const { partitionKey, sortKey, indexes } = definition;
  const keys = [partitionKey, sortKey, ...indexes.flatMap((index) => [index.partitionKey, index.sortKey])];
  const attributes = [...new Set(keys.filter((key) => key !== undefined))];
  const schema = (hash: string, range: string | undefined) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    ...(range === undefined ? [] : [{ AttributeName: range, KeyType: 'RANGE' as const }]),
  ];
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: attributes.map((key) => ({ AttributeName: key, AttributeType: 'S' as const })),
    KeySchema: schema(partitionKey, sortKey),
    ...(indexes.length === 0
      ? {}
      : {
          GlobalSecondaryIndexes: indexes.map((index) => ({
            IndexName: index.name,
            KeySchema: schema(index.partitionKey, index.sortKey),
            Projection: { ProjectionType: 'ALL' as const },
          })),
        }),
  };
}
