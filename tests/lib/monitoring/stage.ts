/** The monitoring of a stage with every reference by name, synthesised once. */
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { apiRoutes } from '#core/http/routes.ts';
import { MonitoringStack } from '#lib/monitoring/monitoring-stack.ts';
import type { MonitoringReferences, MonitoringSettings, Watched } from '#lib/monitoring/props.ts';

const functions = [
  ...apiRoutes.map(({ name }) => name),
  'close-stale-calls',
  'roll-up-costs',
  'reconcile-costs',
  'canary',
];

export const settings: MonitoringSettings = {
  stage: 'prod',
  monitoring: 'full',
  alarmEmails: { page: ['oncall@example.com'], ticket: ['team@example.com'] },
  runbookUrl: 'https://example.com/docs/runbook.md',
  callsPerTaskMax: 150,
  tasksMin: 2,
  budgets: { callUsd: 2, dayUsd: 100, monthUsd: 500 },
  costTag: { key: 'voice-center:stage', value: 'prod' },
};

export const references: MonitoringReferences = {
  logGroups: {
    media: 'media-log',
    functions: Object.fromEntries(functions.map((name) => [name, `log-of-${name}`])),
    access: 'access-log',
  },
  functionNames: Object.fromEntries(functions.map((name) => [name, `prod-${name}`])),
  loadBalancerFullName: 'app/voice/1',
  targetGroupFullName: 'targetgroup/voice/1',
  clusterName: 'cluster',
  serviceName: 'service',
  httpApiId: 'abc123',
  tableNames: { calls: 't-calls', costs: 't-costs', limits: 't-limits', consents: 't-consents' },
  deadLetterQueueNames: { functions: 'q-functions', schedules: 'q-schedules' },
  scheduleGroupName: 'schedules',
  certificateArns: ['arn:aws:acm:us-east-1:123456789012:certificate/1'],
};

export const watched: Watched = { settings, references };

export function synthesise(change: Partial<MonitoringSettings> = {}): Template {
  const app = new App({ analyticsReporting: false, builtinCloudFormationValidation: false });
  const stack = new MonitoringStack(app, 'Monitoring', {
    settings: { ...settings, ...change },
    references,
  });
  return Template.fromStack(stack);
}
