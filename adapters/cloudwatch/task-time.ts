/** How long tasks have run, from their own signs of life. Source: Amazon CloudWatch API, "GetMetricStatistics". */
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { addDays, startOfDay } from '#core/costs/days.ts';
import { CancelledError, ProviderError, type ProviderFailure } from '#core/errors.ts';
import type { MetricName } from '#core/ports/telemetry.ts';
import { metricsNamespace, vitalsEveryMs } from '#core/telemetry/metrics.ts';

/** Each sign of life of a process is one value of this metric. */
const signOfLife: MetricName = 'ActiveCalls';
const hourSecs = 3_600;
const msPerSec = 1_000;
/** Nobody waits for it. */
const requestTimeoutMs = 10_000;
const attemptsMax = 2;

export interface TaskTimeOptions {
  readonly region: string;
  /** Only for a service that is not AWS's own. */
  readonly endpoint?: string | undefined;
  readonly stage: string;
}

/**
 * @returns seconds of all media tasks on a UTC day, to half a minute a task; without the time in which a task fetches its
 * image, which AWS bills too. Throws `ProviderError` or `CancelledError`.
 */
export async function readTaskSecs(
  day: string,
  { region, endpoint, stage }: TaskTimeOptions,
  { signal }: { readonly signal: AbortSignal },
): Promise<number> {
  const client = new CloudWatchClient({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: attemptsMax,
    requestHandler: { requestTimeout: requestTimeoutMs, throwOnRequestTimeout: true },
  });
  try {
    const { Datapoints: points = [] } = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: metricsNamespace,
        MetricName: signOfLife,
        Dimensions: [
          { Name: 'service', Value: 'media' },
          { Name: 'stage', Value: stage },
        ],
        StartTime: startOfDay(day),
        EndTime: startOfDay(addDays(day, 1)),
        Period: hourSecs,
        Statistics: ['SampleCount'],
      }),
      { abortSignal: signal },
    );
    const signs = points.reduce((sum, { SampleCount: count }) => sum + (count ?? 0), 0);
    return (signs * vitalsEveryMs) / msPerSec;
  } catch (cause) {
    if (signal.aborted) throw new CancelledError();
    throw toProviderError(cause);
  } finally {
    client.destroy();
  }
}

/** Names of AWS's errors that say more than that nothing was had. */
const byName: Readonly<Record<string, ProviderFailure>> = {
  ThrottlingException: 'overloaded',
  Throttling: 'overloaded',
  TimeoutError: 'timeout',
  AccessDenied: 'refused',
  AccessDeniedException: 'refused',
  ExpiredTokenException: 'refused',
  UnrecognizedClientException: 'refused',
  CredentialsProviderError: 'refused',
  InvalidParameterValueException: 'invalid-request',
};

function toProviderError(cause: unknown): ProviderError {
  const code = cause instanceof Error ? cause.name : 'unknown';
  const failure = byName[code] ?? 'unavailable';
  return new ProviderError('The metrics could not be had', { provider: 'cloudwatch', failure, code, cause });
}
