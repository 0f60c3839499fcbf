/** Metric filters from data to constructs. */
import { CfnMetricFilter } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { parseFilterPattern } from './filter-pattern.ts';
import { type LineFilter, type LineSource, lineFilters, lineNamespace } from './metric-filters.ts';
import type { Watched } from './props.ts';

/** Log groups of a source, by a name for the construct. */
export function logGroupsOf(
  source: LineSource,
  { references: { logGroups } }: Watched,
): readonly (readonly [name: string, logGroup: string])[] {
  if (source === 'media') return [['media', logGroups.media]];
  if (source === 'access') return [['access', logGroups.access]];
  return Object.entries(logGroups.functions);
}

/** Throws `FilterPatternError`: a mistake in a pattern is found here rather than by a deployment. */
export function makeFilters(scope: Construct, watched: Watched): void {
  for (const [metricName, filter] of Object.entries<LineFilter>(lineFilters)) {
    parseFilterPattern(filter.pattern);
    const groups = filter.from.flatMap((source) => logGroupsOf(source, watched));
    for (const [name, logGroupName] of groups)
      new CfnMetricFilter(scope, `${metricName}-${name}`, {
        logGroupName,
        filterPattern: filter.pattern,
        metricTransformations: [
          {
            metricName,
            metricNamespace: lineNamespace(watched.settings.stage),
            metricValue: filter.value,
            unit: filter.unit,
          },
        ],
      });
  }
}
