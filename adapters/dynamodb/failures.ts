import { ProviderError, type ProviderFailure } from '#core/errors.ts';

const byName: Readonly<Record<string, ProviderFailure>> = {
  ProvisionedThroughputExceededException: 'overloaded',
  RequestLimitExceeded: 'overloaded',
  ThrottlingException: 'overloaded',
  InternalServerError: 'unavailable',
  TimeoutError: 'timeout',
  AccessDeniedException: 'refused',
  UnrecognizedClientException: 'refused',
  ExpiredTokenException: 'refused',
  ResourceNotFoundException: 'invalid-request',
  ValidationException: 'invalid-request',
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');

/** Whether a condition that we set was not met: an answer, not a failure. */
export const isConditionFailed = (error: unknown): boolean =>
  nameOf(error) === 'ConditionalCheckFailedException';

export function toProviderError(cause: unknown): ProviderError {
  if (cause instanceof ProviderError) return cause;
  const code = nameOf(cause);
  // What is not an answer of the service is a connection that failed.
  const failure = byName[code] ?? 'unavailable';
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
