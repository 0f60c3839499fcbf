/** What all clients of AWS are built with. */

export interface AwsOptions {
  readonly region: string;
  /** Only for a service that is not AWS's own. */
  readonly endpoint?: string | undefined;
  /** Tests wait less, or for a crowd longer. */
  readonly requestTimeoutMs?: number;
  readonly connectionTimeoutMs?: number;
}

/** Somebody waits behind every request: so many attempts, and so long each. */
export interface AwsLimits {
  readonly attemptsMax: number;
  readonly requestTimeoutMs: number;
  readonly connectionTimeoutMs: number;
}

export function clientOptions(options: AwsOptions, limits: AwsLimits) {
  const { region, endpoint } = options;
  return {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: limits.attemptsMax,
    requestHandler: {
      requestTimeout: options.requestTimeoutMs ?? limits.requestTimeoutMs,
      // Without it the SDK only warns when the time is over, and goes on waiting.
      throwOnRequestTimeout: true,
      connectionTimeout: options.connectionTimeoutMs ?? limits.connectionTimeoutMs,
    },
  };
}
