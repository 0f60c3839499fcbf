/** What the commands for a stage share: which stage, which region, and access to its parameter store. */
import { createSsmClient } from '#adapters/ssm/client.ts';
import { settingsOf, stageNames } from '#lib/settings/index.ts';
import { UsageError } from '#local/command-line.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** What every command for a stage can be told. */
export const stageOptions = { stage: { type: 'string' }, region: { type: 'string' } } as const;

const stagePattern = /^[a-z][a-z0-9-]{1,15}$/;

/** Throws `UsageError`. */
export function stageOf(given: string | undefined): string {
  if (given === undefined) throw new UsageError('Say which stage: --stage dev');
  if (!stagePattern.test(given) || given === 'local')
    throw new UsageError(`"${given}" is no stage: small letters, digits and hyphens, such as dev or prod.`);
  return given;
}

/** The stage's own. Throws `UsageError` for a stage without settings whose region is not said either. */
export function regionOf(given: string | undefined, stage: string): string {
  if (given !== undefined) return given;
  if (stageNames.includes(stage)) return settingsOf(stage).region;
  throw new UsageError(
    `There is no stage "${stage}" in lib/settings, which has ${stageNames.join(', ')}: say its --region.`,
  );
}

export const openParameterStore = (region: string, env: Variables) =>
  createSsmClient({ region, endpoint: env['AWS_ENDPOINT_URL_SSM'] });
