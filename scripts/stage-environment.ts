/** Where operators' commands find the tables and keys: the environment, laid over the local development values. */
import { createKeyedHash } from '#adapters/crypto/keyed-hash.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { loadEnvironment } from '#local/environment.ts';
import { readRunningStack } from '#local/stack-file.ts';

/** Throws `Error` with a sentence for the operator. */
export function openStage() {
  const result = loadEnvironment();
  if (!result.ok) throw new Error(result.problems.join('\n'));
  const { variables, dataDir } = result.environment;
  const isDeployed = process.env['AWS_PROFILE'] !== undefined || process.env['CALLS_TABLE'] !== undefined;
  const endpoint =
    variables['AWS_ENDPOINT_URL_DYNAMODB'] ??
    (isDeployed ? undefined : readRunningStack(dataDir)?.databaseUrl);
  if (!isDeployed && endpoint === undefined)
    throw new Error(
      'No database: start the center (npm start), or set the tables and credentials of a deployed stage (CALLS_TABLE, LIMITS_TABLE, CONSENTS_TABLE, PHONE_HASH_KEY, AWS_PROFILE).',
    );
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const)
    if (variables[name] !== undefined) process.env[name] ??= variables[name];
  const documents = createDynamoDocuments({ region: variables['AWS_REGION'] ?? 'us-east-1', endpoint });
  const table = (name: 'LIMITS_TABLE' | 'CONSENTS_TABLE') => variables[name] ?? '';
  return { documents, table, hashNumber: createKeyedHash(variables['PHONE_HASH_KEY'] ?? '') };
}
