/** Where a number comes from, as data; and its form as a CloudWatch metric. */
import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { MetricName } from '#core/ports/telemetry.ts';
import { metricsNamespace, type ServiceName } from '#core/telemetry/metrics.ts';
import { type LineMetricName, lineNamespace } from './metric-filters.ts';

export type Statistic = 'Sum' | 'Average' | 'Minimum' | 'Maximum' | 'SampleCount' | 'p50' | 'p95' | 'p99';

export type Series =
  /** Written by our processes in the embedded metric format. */
  | {
      readonly from: 'embedded';
      readonly name: MetricName;
      readonly service: ServiceName;
      readonly stat: Statistic;
    }
  /** Made from log lines by a metric filter. */
  | { readonly from: 'lines'; readonly name: LineMetricName; readonly stat: Statistic }
  /** Published by AWS. */
  | {
      readonly from: 'aws';
      readonly namespace: `AWS/${string}`;
      readonly name: string;
      readonly dimensions: Readonly<Record<string, string>>;
      readonly stat: Statistic;
    };

/** A series, or several with the arithmetic between them. Ids begin with a small letter. */
export interface Signal {
  readonly series: Readonly<Record<string, Series>>;
  /** Absent for a single series. */
  readonly expression?: string;
  readonly label: string;
}

export const embedded = (name: MetricName, stat: Statistic, service: ServiceName = 'media'): Series => ({
  from: 'embedded',
  name,
  service,
  stat,
});

export const lines = (name: LineMetricName, stat: Statistic): Series => ({ from: 'lines', name, stat });

export const aws = (
  namespace: `AWS/${string}`,
  name: string,
  dimensions: Readonly<Record<string, string>>,
  stat: Statistic,
): Series => ({ from: 'aws', namespace, name, dimensions, stat });

export const plain = (label: string, series: Series): Signal => ({ label, series: { m: series } });

export const computed = (
  label: string,
  expression: string,
  series: Readonly<Record<string, Series>>,
): Signal => ({ label, expression, series });

/** The sum of several series; a series without values counts as nothing. */
export function sumOf(label: string, series: readonly Series[]): Signal {
  // Ids are shared by everything in one graph, so they are made from the label.
  const name = label.replace(/ +(\w)/g, (_, letter: string) => letter.toUpperCase());
  const named = Object.fromEntries(series.map((one, i) => [`${name}${i}`, one]));
  const [only] = series;
  if (series.length === 1 && only) return plain(label, only);
  return computed(
    label,
    Object.keys(named)
      .map((id) => `FILL(${id},0)`)
      .join('+'),
    named,
  );
}

function seriesMetric(series: Series, stage: string, period: Duration, label?: string): Metric {
  const common = { metricName: series.name, statistic: series.stat, period, ...(label ? { label } : {}) };
  switch (series.from) {
    case 'embedded':
      return new Metric({
        ...common,
        namespace: metricsNamespace,
        dimensionsMap: { service: series.service, stage },
      });
    case 'lines':
      return new Metric({ ...common, namespace: lineNamespace(stage) });
    case 'aws':
      return new Metric({ ...common, namespace: series.namespace, dimensionsMap: { ...series.dimensions } });
  }
}

export function signalMetric(signal: Signal, stage: string, periodSecs: number): IMetric {
  const period = Duration.seconds(periodSecs);
  const [only] = Object.values(signal.series);
  if (signal.expression === undefined) {
    if (!only) throw new Error(`The signal "${signal.label}" has no series.`);
    return seriesMetric(only, stage, period, signal.label);
  }
  const usingMetrics = Object.fromEntries(
    Object.entries(signal.series).map(([id, series]) => [id, seriesMetric(series, stage, period)]),
  );
  return new MathExpression({ expression: signal.expression, label: signal.label, usingMetrics, period });
}
