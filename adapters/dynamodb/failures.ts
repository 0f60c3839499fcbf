import { ProviderError, type ProviderFailure } from '#core/errors.ts';
import { failureOf, nameOf } from '../aws/failures.ts';

const ownFailures: Readonly<Record<string, ProviderFailure>> = {
  ProvisionedThroughputExceededException: 'overloaded',
  RequestLimitExceeded: 'overloaded',
  MissingAuthenticationTokenException: 'refused',
  ResourceNotFoundException: 'invalid-request',
  // What the SDK throws for a value it cannot send.
  TypeError: 'invalid-request',
};

/** Whether a condition that we set was not met: an answer, not a failure. */
export const isConditionFailed = (error: unknown): boolean =>
  nameOf(error) === 'ConditionalCheckFailedException';

export function toProviderError(cause: unknown): ProviderError {
  if (cause instanceof ProviderError) return cause;
  const { code, failure } = failureOf(cause, ownFailures);
  return new ProviderError('The database failed', { provider: 'dynamodb', failure, code, cause });
}

/** Runs one request; whatever goes wrong becomes a `ProviderError`. */
export async function request<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toProviderError(error);
  }
}

/** Runs one conditional write. @returns whether the condition held. */
export async function conditional(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (isConditionFailed(error)) return false;
    throw toProviderError(error);
  }
}
