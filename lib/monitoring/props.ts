/** What the monitoring of a stage is told: its settings, and the names of what it watches. */
import type { StackProps } from 'aws-cdk-lib';
import type { TableName } from '#core/records/tables.ts';

/** `essential`: the few alarms that a stage without callers needs. `full`: everything. */
export type MonitoringLevel = 'essential' | 'full';

export interface MonitoringSettings {
  /** Also the value of the `stage` dimension that the processes write. */
  readonly stage: string;
  readonly monitoring: MonitoringLevel;
  /** Who is woken (`page`), and who reads it at work (`ticket`). */
  readonly alarmEmails: { readonly page: readonly string[]; readonly ticket: readonly string[] };
  /** Where `docs/runbook.md` can be read; alarms link to its sections. */
  readonly runbookUrl: string;
  /** Calls of one media task at once, and tasks at least. No task at least: the stage may be parked. */
  readonly callsPerTaskMax: number;
  readonly tasksMin: number;
  readonly budgets: {
    readonly callUsd: number;
    readonly dayUsd: number;
    readonly monthUsd: number;
    /** What one call of twenty may cost; longer calls than usual need more. Default: $0.25. */
    readonly callP95Usd?: number | undefined;
  };
  /** The cost-allocation tag that tells this stage's resources in the bill. */
  readonly costTag: { readonly key: string; readonly value: string };
}

/** Names as CloudFormation knows them: values or references. */
export interface MonitoringReferences {
  /** Functions by their name in the code (`inbound-call`); access: lines of the form `accessLogFormat`. */
  readonly logGroups: {
    readonly media: string;
    readonly functions: Readonly<Record<string, string>>;
    readonly access: string;
  };
  readonly functionNames: Readonly<Record<string, string>>;
  /** `app/<name>/<id>` and `targetgroup/<name>/<id>`. */
  readonly loadBalancerFullName: string;
  readonly targetGroupFullName: string;
  readonly clusterName: string;
  readonly serviceName: string;
  readonly httpApiId: string;
  readonly tableNames: Readonly<Record<TableName, string>>;
  /** Dead-letter queues by what they catch. */
  readonly deadLetterQueueNames: Readonly<Record<string, string>>;
  readonly scheduleGroupName: string;
  readonly certificateArns: readonly string[];
}

export interface MonitoringProps extends StackProps {
  readonly settings: MonitoringSettings;
  readonly references: MonitoringReferences;
}

/** What alarms, filters and widgets are made from. */
export type Watched = Pick<MonitoringProps, 'settings' | 'references'>;
