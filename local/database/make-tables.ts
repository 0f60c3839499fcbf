import { createTables } from '#adapters/dynamodb/create-tables.ts';

/** Makes the tables that are not there yet, under the names the stack uses. */
export async function makeTables(
  endpoint: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  await createTables({
    endpoint,
    names: {
      calls: variables['CALLS_TABLE'] ?? '',
      costs: variables['COSTS_TABLE'] ?? '',
      limits: variables['LIMITS_TABLE'] ?? '',
      consents: variables['CONSENTS_TABLE'] ?? '',
    },
  });
}
