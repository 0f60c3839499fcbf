/** Alarms, dashboard, queries and budget of a stage. Holds no state: it can be deleted and made again. */
import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { makeBudget } from './budget.ts';
import { makeDashboard } from './dashboard.ts';
import { makeAlarms } from './make-alarms.ts';
import { makeFilters } from './make-filters.ts';
import type { MonitoringProps } from './props.ts';
import { makeQueries } from './saved-queries.ts';
import { makeTopics } from './topics.ts';

export class MonitoringStack extends Stack {
  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id, props);
    const { settings } = props;
    const topics = makeTopics(this, settings);
    makeFilters(this, props);
    makeQueries(this, props);
    makeBudget(this, settings, topics);
    const alarms = makeAlarms(this, props, topics);
    // Three dashboards of an account are free, the fourth is $3 a month: a stage without callers has none.
    if (settings.monitoring === 'full') makeDashboard(this, props, [...alarms.values()]);
  }
}
