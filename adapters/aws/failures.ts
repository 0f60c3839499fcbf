/** What a failed request to AWS means. */
import type { ProviderFailure } from '#core/errors.ts';

type FailuresByName = Readonly<Record<string, ProviderFailure>>;

const common: FailuresByName = {
  ThrottlingException: 'overloaded',
  InternalServerError: 'unavailable',
  TimeoutError: 'timeout',
  AccessDeniedException: 'refused',
  UnrecognizedClientException: 'refused',
  ExpiredTokenException: 'refused',
  InvalidSignatureException: 'refused',
  CredentialsProviderError: 'refused',
  ValidationException: 'invalid-request',
};

export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');

/** The service's name for the error; for a connection the system's, such as `ECONNREFUSED`. */
function codeOf(error: unknown): string {
  const name = nameOf(error);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return name === 'Error' && typeof code === 'string' ? code : name;
}

/** @param own names that only this service has. */
export function failureOf(
  error: unknown,
  own: FailuresByName,
): { readonly code: string; readonly failure: ProviderFailure } {
  const code = codeOf(error);
  // What is not an answer of the service is a connection that failed.
  return { code, failure: own[code] ?? common[code] ?? 'unavailable' };
}
