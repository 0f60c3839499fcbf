/** Which parameters there are and how often each was changed, for those who may not know what they say. */
import { paginateDescribeParameters, type SSMClient } from '@aws-sdk/client-ssm';
import { toProviderError } from './client.ts';

/** What `DescribeParameters` gives at once (Systems Manager API reference). */
const pageSize = 50;

/** @returns version by name, of what lies directly under the path. Rejects with `ProviderError`. */
export async function listVersions(client: SSMClient, path: string): Promise<ReadonlyMap<string, number>> {
  const versions = new Map<string, number>();
  const filter = { Key: 'Path', Option: 'OneLevel', Values: [path] };
  try {
    for await (const { Parameters = [] } of paginateDescribeParameters(
      { client, pageSize },
      { ParameterFilters: [filter] },
    ))
      for (const { Name, Version } of Parameters) if (Name !== undefined) versions.set(Name, Version ?? 0);
  } catch (error) {
    throw toProviderError(error);
  }
  return versions;
}
