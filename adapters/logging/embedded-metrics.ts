/**
 * Metrics on the way to CloudWatch inside log lines (embedded metric format, EMF). Collected in memory and told in
 * batches; bounded, because the names are a closed set and each keeps at most one event's worth of values.
 */
import type { MetricName } from '#core/ports/telemetry.ts';
import { metricDimensions, metricsNamespace } from '#core/telemetry/metrics.ts';

/** Values of one metric in one event (CloudWatch's specification of the format). */
const valuesMax = 100;

/** What a moment looks like, not what has happened since: only the latest value means something. */
const gauges: ReadonlySet<MetricName> = new Set(['ActiveCalls']);

const isDuration = (name: MetricName) => name.endsWith('Ms');

/** The part of a log line that holds metrics. */
export interface MetricsEvent {
  readonly _aws: object;
  readonly [metric: string]: unknown;
}

function toEvent(values: ReadonlyMap<MetricName, readonly number[]>, timestamp: number): MetricsEvent {
  const names = [...values.keys()];
  return {
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [
        {
          Namespace: metricsNamespace,
          Dimensions: [metricDimensions],
          Metrics: names.map((name) => ({ Name: name, Unit: isDuration(name) ? 'Milliseconds' : 'Count' })),
        },
      ],
    },
    ...Object.fromEntries(
      [...values].map(([name, [first, ...more]]) => [name, more.length > 0 ? [first, ...more] : first]),
    ),
  };
}

export interface EmbeddedMetrics {
  /** Values that are no numbers are ignored. */
  add(name: MetricName, value: number): void;
  /** @returns what was collected, which is then forgotten; `undefined` when there was nothing. */
  take(): MetricsEvent | undefined;
}

/**
 * Durations keep every value, for percentiles; counts are added up; a gauge keeps its latest value.
 *
 * @param nowMs wall-clock time in epoch milliseconds.
 * @param onFull told when no further value of some metric fits: `take` is due.
 */
export function createEmbeddedMetrics(nowMs: () => number, onFull: () => void): EmbeddedMetrics {
  const pending = new Map<MetricName, number[]>();

  const next = (name: MetricName, before: readonly number[], value: number): number[] => {
    if (gauges.has(name)) return [value];
    if (isDuration(name)) return [...before, value];
    return [(before[0] ?? 0) + value];
  };

  return {
    add(name, value) {
      if (!Number.isFinite(value)) return;
      const values = next(name, pending.get(name) ?? [], value);
      pending.set(name, values);
      if (values.length >= valuesMax) onFull();
    },
    take() {
      if (pending.size === 0) return undefined;
      const event = toEvent(pending, nowMs());
      pending.clear();
      return event;
    },
  };
}
