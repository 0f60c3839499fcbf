/** Asks the parameter store of a stage whether it is complete, and says what is not. */
import { createReadParameters } from '#adapters/ssm/read-parameters.ts';
import { parameters } from '#lib/secrets/manifest.ts';
import { checkParameters, describeCheck, isBlocking } from './check-parameters.ts';
import { openParameterStore, type Variables } from './stage-options.ts';

/** @returns whether everything that must be there can be used. Rejects with `ProviderError`. */
export async function checkStage(
  stage: string,
  region: string,
  env: Variables,
  say: (line: string) => void,
): Promise<boolean> {
  const client = openParameterStore(region, env);
  const stored = await createReadParameters(client)(parameters.map((spec) => spec.parameterName(stage)));
  const checked = checkParameters(parameters, stage, stored, new Date());
  for (const one of checked) say(describeCheck(one, stage));
  return !checked.some(isBlocking);
}
