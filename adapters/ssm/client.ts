import { SSMClient } from '@aws-sdk/client-ssm';
import { ProviderError, type ProviderFailure } from '#core/errors.ts';

/** A cold start waits behind it: two attempts of a second and a half. */
const attemptsMax = 2;
const requestTimeoutMs = 1_500;
const connectionTimeoutMs = 1_000;

export interface SsmOptions {
  readonly region: string;
  /** Only for a parameter store that is not AWS's own. */
  readonly endpoint?: string | undefined;
  /** Tests wait less. */
  readonly requestTimeoutMs?: number;
}

export function createSsmClient(options: SsmOptions): SSMClient {
  const { region, endpoint } = options;
  return new SSMClient({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: attemptsMax,
    requestHandler: {
      requestTimeout: options.requestTimeoutMs ?? requestTimeoutMs,
      throwOnRequestTimeout: true,
      connectionTimeout: connectionTimeoutMs,
    },
  });
}

const byName: Readonly<Record<string, ProviderFailure>> = {
  ThrottlingException: 'overloaded',
  InternalServerError: 'unavailable',
  TimeoutError: 'timeout',
  AccessDeniedException: 'refused',
  UnrecognizedClientException: 'refused',
  ExpiredTokenException: 'refused',
  InvalidSignatureException: 'refused',
  CredentialsProviderError: 'refused',
  InvalidKeyId: 'refused',
  ValidationException: 'invalid-request',
  ParameterAlreadyExists: 'invalid-request',
  ParameterPatternMismatchException: 'invalid-request',
};

/** What is not an answer of the service is a connection that failed. */
export function toProviderError(cause: unknown): ProviderError {
  const name = cause instanceof Error ? cause.name : 'unknown';
  const system = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const code = name === 'Error' && typeof system === 'string' ? system : name;
  const failure = byName[code] ?? 'unavailable';
  return new ProviderError('The parameter store failed', { provider: 'ssm', failure, code, cause });
}
