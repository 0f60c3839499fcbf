/** Where a deployed function finds its secrets: `SECRET_PARAMETERS` names them, the parameter store holds them. */
import { ConfigError } from './config.ts';

type Environment = Readonly<Record<string, string | undefined>>;
/** @returns the values of those that exist, by name. */
export type ReadSecrets = (
  names: readonly string[],
) => Promise<ReadonlyMap<string, { readonly value: string }>>;

interface SecretParameter {
  readonly variable: string;
  readonly name: string;
  readonly required: boolean;
}

const pattern = /^(?<variable>[A-Z][A-Z0-9_]*)(?<optional>\?)?=(?<name>\/[\w./-]+)$/;

/** `VARIABLE=/name` separated by commas; `VARIABLE?=/name` for one that may be missing. Throws `ConfigError`. */
export function parseSecretParameters(text: string): readonly SecretParameter[] {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  return parts.map((part) => {
    const { variable, optional, name } = pattern.exec(part.trim())?.groups ?? {};
    if (variable === undefined || name === undefined)
      throw new ConfigError(['SECRET_PARAMETERS: must list VARIABLE=/parameter/name, separated by commas']);
    return { variable, name, required: optional === undefined };
  });
}

/**
 * The process environment with the secrets laid over it. The same object as before is returned as long as no value
 * has changed, so that whoever builds on it knows.
 * @param read rejects with `ProviderError`
 */
export function createEnvironmentReader(
  environment: Environment,
  read: ReadSecrets,
): () => Promise<Environment> {
  let current: Environment | undefined;
  return async () => {
    const wanted = parseSecretParameters(environment['SECRET_PARAMETERS'] ?? '');
    if (wanted.length === 0) return environment;
    const found = await read(wanted.map(({ name }) => name));
    const missing = wanted.filter(({ name, required }) => required && !found.has(name));
    if (missing.length > 0)
      throw new ConfigError(
        missing.map(({ variable, name }) => `${variable}: there is no parameter ${name}`),
      );
    const values = Object.fromEntries(
      wanted.flatMap(({ variable, name }) => {
        const value = found.get(name)?.value;
        return value === undefined ? [] : [[variable, value]];
      }),
    );
    const before = current;
    if (before === undefined || wanted.some(({ variable }) => before[variable] !== values[variable]))
      current = { ...environment, ...values };
    return current ?? environment;
  };
}
