/** The stacks of one stage. */
import type { App } from 'aws-cdk-lib';
import type { TableName } from '#core/records/tables.ts';
import { tables } from '#core/records/tables.ts';
import { ApiStack } from './api/api-stack.ts';
import { functions } from './api/functions.ts';
import { DataStack } from './data/data-stack.ts';
import { MediaStack } from './media/media-stack.ts';
import { MonitoringStack } from './monitoring/monitoring-stack.ts';
import type { MonitoringReferences } from './monitoring/props.ts';
import * as names from './names.ts';
import type { StageSettings } from './settings/schema.ts';
import { costTagKey, stackProps } from './stack-base.ts';

export interface Bundles {
  /** One folder a function, by its name. */
  readonly functionsDir: string;
  /** The media service with its Dockerfile. */
  readonly mediaDir: string;
}

export interface StageStacks {
  readonly data: DataStack;
  readonly media: MediaStack;
  readonly api: ApiStack;
  readonly monitoring: MonitoringStack;
}

export function makeStage(app: App, settings: StageSettings, bundles: Bundles, version: string): StageStacks {
  const data = new DataStack(app, 'Data', settings);
  const media = new MediaStack(app, 'Media', { settings, version, bundleDir: bundles.mediaDir });
  const api = new ApiStack(app, 'Api', { settings, version, bundlesDir: bundles.functionsDir });
  media.addStackDependency(data);
  api.addStackDependency(data);
  const monitoring = new MonitoringStack(app, 'Monitoring', {
    ...stackProps(settings, 'monitoring'),
    settings: {
      ...settings,
      callsPerTaskMax: settings.media.callsPerTask,
      tasksMin: settings.media.tasks.min,
      costTag: { key: costTagKey, value: settings.stage },
    },
    references: referencesOf(settings.stage, media, api),
  });
  return { data, media, api, monitoring };
}

function referencesOf(stage: string, media: MediaStack, api: ApiStack): MonitoringReferences {
  const byFunction = (nameOf: (stage: string, name: string) => string) =>
    Object.fromEntries(functions.map(({ name }) => [name, nameOf(stage, name)]));
  const tableNames = Object.fromEntries(
    (Object.keys(tables) as TableName[]).map((table) => [table, names.tableName(stage, table)]),
  ) as Record<TableName, string>;
  return {
    logGroups: {
      media: names.mediaLogGroup(stage),
      functions: byFunction(names.functionLogGroup),
      access: names.accessLogGroup(stage),
    },
    functionNames: byFunction(names.functionName),
    loadBalancerFullName: media.loadBalancerFullName,
    targetGroupFullName: media.targetGroupFullName,
    clusterName: names.clusterName(stage),
    serviceName: names.serviceName(stage),
    httpApiId: api.httpApiId,
    tableNames,
    deadLetterQueueNames: {
      'failed-jobs': names.queueName(stage, 'failed-jobs'),
      'failed-schedules': names.queueName(stage, 'failed-schedules'),
    },
    scheduleGroupName: names.scheduleGroupName(stage),
    certificateArns: [media.certificateArn, api.certificateArn],
  };
}
