/** The tables of the center that runs on this machine, or of the stage that the environment names. */
import { createKeyedHash } from '#adapters/crypto/keyed-hash.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { UsageError } from '#local/command-line.ts';
import { loadEnvironment } from '#local/environment.ts';
import { readRunningStack } from '#local/stack-file.ts';

/** Throws `UsageError` with what to set. */
export function openTables(env: Readonly<Record<string, string | undefined>>) {
  const result = loadEnvironment(process.cwd(), env);
  if (!result.ok) throw new UsageError(result.problems.join('\n'));
  const { variables, dataDir } = result.environment;
  const isDeployed = env['LIMITS_TABLE'] !== undefined && env['PHONE_HASH_KEY'] !== undefined;
  const endpoint = isDeployed
    ? env['AWS_ENDPOINT_URL_DYNAMODB']
    : (variables['AWS_ENDPOINT_URL_DYNAMODB'] ?? readRunningStack(dataDir)?.databaseUrl);
  if (!isDeployed && endpoint === undefined)
    throw new UsageError(
      'No center runs on this machine (npm start). For a deployed stage set LIMITS_TABLE, CONSENTS_TABLE, PHONE_HASH_KEY, AWS_REGION and credentials.',
    );
  if (!isDeployed)
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const)
      if (variables[name] !== undefined) process.env[name] ??= variables[name];
  return {
    documents: createDynamoDocuments({ region: variables['AWS_REGION'] ?? 'us-east-1', endpoint }),
    limitsTable: variables['LIMITS_TABLE'] ?? '',
    consentsTable: variables['CONSENTS_TABLE'] ?? '',
    hashNumber: createKeyedHash(variables['PHONE_HASH_KEY'] ?? ''),
  };
}
