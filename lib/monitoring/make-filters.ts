/** Metric filters from data to constructs. */
import { CfnMetricFilter } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { apiRoutes } from '#core/http/routes.ts';
import { alarmsOf } from './alarms/index.ts';
import { parseFilterPattern } from './filter-pattern.ts';
import { type LineFilter, type LineSource, lineFilters, lineNamespace } from './metric-filters.ts';
import type { Watched } from './props.ts';

const authOf = new Map(apiRoutes.map(({ name, auth }) => [name, auth]));

/** Log groups of a source, by a name for the construct. */
export function logGroupsOf(
  source: LineSource,
  { references: { logGroups } }: Watched,
): readonly (readonly [name: string, logGroup: string])[] {
  if (source === 'media') return [['media', logGroups.media]];
  if (source === 'access') return [['access', logGroups.access]];
  const functions = Object.entries(logGroups.functions);
  if (source === 'webhooks') return functions.filter(([name]) => authOf.get(name) === 'twilio');
  // What has no route is scheduled; what the scheduler may ask over HTTP does the same work.
  if (source === 'jobs') return functions.filter(([name]) => (authOf.get(name) ?? 'cron') === 'cron');
  return functions;
}

/** Everything where there is a dashboard, else what the alarms look at: a metric is billed from its first value. */
function metricsWanted(watched: Watched): ReadonlySet<string> {
  if (watched.settings.monitoring === 'full') return new Set(Object.keys(lineFilters));
  const series = alarmsOf(watched).flatMap(({ signal }) => Object.values(signal.series));
  return new Set(series.flatMap((one) => (one.from === 'lines' ? [one.name] : [])));
}

/** Throws `FilterPatternError`: a mistake in a pattern is found here rather than by a deployment. */
export function makeFilters(scope: Construct, watched: Watched): void {
  const wanted = metricsWanted(watched);
  for (const [metricName, filter] of Object.entries<LineFilter>(lineFilters)) {
    if (!wanted.has(metricName)) continue;
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
