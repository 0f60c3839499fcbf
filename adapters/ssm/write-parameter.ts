import { PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { toProviderError } from './client.ts';

export interface NewParameter {
  readonly name: string;
  readonly value: string;
  readonly type: 'SecureString' | 'String';
  readonly description: string;
}

/** Creates or replaces. @returns the version. Rejects with `ProviderError`. */
export async function writeParameter(client: SSMClient, parameter: NewParameter): Promise<number> {
  const { name, value, type, description } = parameter;
  try {
    const { Version } = await client.send(
      new PutParameterCommand({
        Name: name,
        Value: value,
        Type: type,
        Description: description,
        Overwrite: true,
        Tier: 'Standard',
      }),
    );
    return Version ?? 0;
  } catch (error) {
    throw toProviderError(error);
  }
}
