import { createTables } from '#adapters/dynamodb/create-tables.ts';
import { developmentAwsCredentials } from '../development-values.ts';
import type { Variables } from '../environment.ts';

/** Makes the tables that are not there yet, under the names the stack uses. */
export async function makeTables(endpoint: string, variables: Variables): Promise<void> {
  // The SDK reads its credentials from the process environment only.
  for (const name of Object.keys(developmentAwsCredentials)) {
    if (variables[name] !== undefined) process.env[name] ??= variables[name];
  }
  await createTables({
    endpoint,
    names: {
      calls: variables['CALLS_TABLE'] ?? '',
      costs: variables['COSTS_TABLE'] ?? '',
      limits: variables['LIMITS_TABLE'] ?? '',
      consents: variables['CONSENTS_TABLE'] ?? '',
    },
    ...(variables['AWS_REGION'] !== undefined && { region: variables['AWS_REGION'] }),
  });
}
