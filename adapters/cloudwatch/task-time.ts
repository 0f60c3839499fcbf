/** How long tasks have run, from their own signs of life. Source: Amazon CloudWatch API, "GetMetricStatistics". */
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { addDays, startOfDay } from '#core/costs/days.ts';
import { CancelledError, ProviderError, type ProviderFailure } from '#core/errors.ts';
import type { MetricName } from '#core/ports/telemetry.ts';
import { metricsNamespace, vitalsEveryMs } from '#core/telemetry/metrics.ts';
import { type AwsOptions, clientOptions } from '../aws/client-options.ts';
import { failureOf } from '../aws/failures.ts';

/** Each sign of life of a process is one value of this metric. */
const signOfLife: MetricName = 'ActiveCalls';
const hourSecs = 3_600;
const msPerSec = 1_000;
/** Nobody waits for it. */
const clientLimits = { attemptsMax: 2, requestTimeoutMs: 10_000, connectionTimeoutMs: 2_000 } as const;

export interface TaskTimeOptions extends AwsOptions {
  readonly stage: string;
}

/**
 * @returns seconds of all media tasks on a UTC day, to half a minute a task; without the time in which a task fetches its
 * image, which AWS bills too. Throws `ProviderError` or `CancelledError`.
 */
export async function readTaskSecs(
  day: string,
  { stage, ...aws }: TaskTimeOptions,
  { signal }: { readonly signal: AbortSignal },
): Promise<number> {
  const client = new CloudWatchClient(clientOptions(aws, clientLimits));
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

/** As the older protocol of this service names them. */
const ownFailures: Readonly<Record<string, ProviderFailure>> = {
  AccessDenied: 'refused',
  Throttling: 'overloaded',
};

function toProviderError(cause: unknown): ProviderError {
  const { code, failure } = failureOf(cause, ownFailures);
  return new ProviderError('The metrics could not be had', { provider: 'cloudwatch', failure, code, cause });
}
