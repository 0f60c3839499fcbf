import { SSMClient } from '@aws-sdk/client-ssm';
import { ProviderError, type ProviderFailure } from '#core/errors.ts';
import { type AwsOptions, clientOptions } from '../aws/client-options.ts';
import { failureOf } from '../aws/failures.ts';

/** A cold start waits behind it. */
const clientLimits = { attemptsMax: 2, requestTimeoutMs: 1_500, connectionTimeoutMs: 1_000 } as const;

export const createSsmClient = (options: AwsOptions): SSMClient =>
  new SSMClient(clientOptions(options, clientLimits));

const ownFailures: Readonly<Record<string, ProviderFailure>> = {
  InvalidKeyId: 'refused',
  ParameterAlreadyExists: 'invalid-request',
  ParameterPatternMismatchException: 'invalid-request',
};

export function toProviderError(cause: unknown): ProviderError {
  const { code, failure } = failureOf(cause, ownFailures);
  return new ProviderError('The parameter store failed', { provider: 'ssm', failure, code, cause });
}
