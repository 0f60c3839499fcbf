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
  InvalidSignatureException: 'refused',
  MissingAuthenticationTokenException: 'refused',
  CredentialsProviderError: 'refused',
  ResourceNotFoundException: 'invalid-request',
  ValidationException: 'invalid-request',
  // What the SDK throws for a value it cannot send.
  TypeError: 'invalid-request',
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');

/** The service's name for the error; for a connection the system's, such as `ECONNREFUSED`. */
function codeOf(error: unknown): string {
  const name = nameOf(error);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return name === 'Error' && typeof code === 'string' ? code : name;
}

/** Whether a condition that we set was not met: an answer, not a failure. */
export const isConditionFailed = (error: unknown): boolean =>
  nameOf(error) === 'ConditionalCheckFailedException';

export function toProviderError(cause: unknown): ProviderError {
  if (cause instanceof ProviderError) return cause;
  const code = codeOf(cause);
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
