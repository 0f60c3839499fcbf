/** What the commands for a stage share: which stage, which region, and access to its parameter store. */
import { createSsmClient } from '#adapters/ssm/client.ts';
import { UsageError } from '#local/caller/options.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

const stagePattern = /^[a-z][a-z0-9-]{1,15}$/;

/** Throws `UsageError`. */
export function stageOf(given: string | undefined): string {
  if (given === undefined) throw new UsageError('Say which stage: --stage dev');
  if (!stagePattern.test(given) || given === 'local')
    throw new UsageError(`"${given}" is no stage: small letters, digits and hyphens, such as dev or prod.`);
  return given;
}

/** Throws `UsageError`: parameters put into the wrong region are found by nobody. */
export function regionOf(given: string | undefined, env: Variables): string {
  const region = given ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
  if (region === undefined || region === '')
    throw new UsageError("Say the stage's region: --region us-east-1, or set AWS_REGION.");
  return region;
}

export const openParameterStore = (region: string, env: Variables) =>
  createSsmClient({ region, endpoint: env['AWS_ENDPOINT_URL_SSM'] });
