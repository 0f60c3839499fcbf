/** Parameters of SSM, decrypted. */
import { GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { toProviderError } from './client.ts';

/** What `GetParameters` takes at once (Systems Manager API reference). */
const namesPerRequestMax = 10;

export interface StoredParameter {
  readonly value: string;
  readonly version: number;
  readonly changedAt: Date;
  readonly isEncrypted: boolean;
}

export type ReadParameters = (names: readonly string[]) => Promise<ReadonlyMap<string, StoredParameter>>;

/** @returns those that exist, by name. Rejects with `ProviderError`. */
export function createReadParameters(client: SSMClient): ReadParameters {
  const readSome = async (names: readonly string[]) => {
    try {
      return await client.send(new GetParametersCommand({ Names: [...names], WithDecryption: true }));
    } catch (error) {
      throw toProviderError(error);
    }
  };
  return async (names) => {
    const unique = [...new Set(names)];
    const batches = [];
    for (let at = 0; at < unique.length; at += namesPerRequestMax)
      batches.push(readSome(unique.slice(at, at + namesPerRequestMax)));
    const found = new Map<string, StoredParameter>();
    for (const { Parameters = [] } of await Promise.all(batches))
      for (const { Name, Value, Version, LastModifiedDate, Type } of Parameters)
        if (Name !== undefined && Value !== undefined)
          found.set(Name, {
            value: Value,
            version: Version ?? 0,
            changedAt: LastModifiedDate ?? new Date(0),
            isEncrypted: Type === 'SecureString',
          });
    return found;
  };
}
