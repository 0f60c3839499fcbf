/** What the stage's resources may cost on AWS in a month; vendors are watched call by call. */
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { Construct } from 'constructs';
import type { Severity } from './alarms/spec.ts';
import type { MonitoringSettings } from './props.ts';
import type { Topics } from './topics.ts';

const notifications: readonly {
  readonly of: 'ACTUAL' | 'FORECASTED';
  readonly percent: number;
  readonly severity: Severity;
}[] = [
  { of: 'ACTUAL', percent: 80, severity: 'ticket' },
  { of: 'ACTUAL', percent: 95, severity: 'page' },
  { of: 'FORECASTED', percent: 100, severity: 'ticket' },
];

export function makeBudget(scope: Construct, settings: MonitoringSettings, topics: Topics): CfnBudget {
  const { stage, budgets, costTag } = settings;
  return new CfnBudget(scope, 'MonthlyBudget', {
    budget: {
      budgetName: `voice-center-${stage}`,
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: budgets.monthUsd, unit: 'USD' },
      costFilters: { TagKeyValue: [`user:${costTag.key}$${costTag.value}`] },
    },
    notificationsWithSubscribers: notifications.map(({ of, percent, severity }) => ({
      notification: {
        notificationType: of,
        comparisonOperator: 'GREATER_THAN',
        threshold: percent,
        thresholdType: 'PERCENTAGE',
      },
      subscribers: [{ subscriptionType: 'SNS', address: topics[severity].topicArn }],
    })),
  });
}
