/** One stage: four stacks, of which one remembers. */
import type { App } from 'aws-cdk-lib';
import { ApiStack } from './api/api-stack.ts';
import { DataStack } from './data/data-stack.ts';
import { MediaStack } from './media/media-stack.ts';
import { MonitoringStack } from './monitoring/monitoring-stack.ts';
import type { MonitoringReferences } from './monitoring/props.ts';
import type { StageSettings } from './settings/schema.ts';
import { costTag, stackName, stackProps } from './stage-stack.ts';

export interface Stage {
  readonly data: DataStack;
  readonly media: MediaStack;
  readonly api: ApiStack;
  readonly monitoring: MonitoringStack;
}

export function makeStage(app: App, settings: StageSettings): Stage {
  const data = new DataStack(app, settings);
  const media = new MediaStack(app, settings, data.tables);
  const api = new ApiStack(app, settings, data.tables);
  const { stage, capacity } = settings;
  const monitoring = new MonitoringStack(app, stackName(stage, 'monitoring'), {
    ...stackProps(settings, 'monitoring', `Voice center ${stage}: alarms, dashboard, budget`),
    settings: { ...settings, ...capacity, costTag: costTag(stage) },
    references: referencesOf({ data, media, api }),
  });
  return { data, media, api, monitoring };
}

function referencesOf({ data, media, api }: Omit<Stage, 'monitoring'>): MonitoringReferences {
  const { balancer, media: service } = media;
  const perFunction = <T>(read: (name: string) => T) =>
    Object.fromEntries([...api.functions.keys()].map((name) => [name, read(name)]));
  const ofFunction = (name: string) => {
    const found = api.functions.get(name);
    if (!found) throw new Error(`There is no function ${name}`);
    return found;
  };
  const { calls, costs, limits, consents } = data.tables;
  return {
    logGroups: {
      media: service.logGroup.logGroupName,
      functions: perFunction((name) => ofFunction(name).logGroup.logGroupName),
      access: api.api.accessLog.logGroupName,
    },
    functionNames: perFunction((name) => ofFunction(name).function.functionName),
    loadBalancerFullName: balancer.loadBalancer.loadBalancerFullName,
    targetGroupFullName: balancer.targetGroup.targetGroupFullName,
    clusterName: service.cluster.clusterName,
    serviceName: service.service.serviceName,
    httpApiId: api.api.httpApi.apiId,
    tableNames: {
      calls: calls.tableName,
      costs: costs.tableName,
      limits: limits.tableName,
      consents: consents.tableName,
    },
    deadLetterQueueNames: {
      functions: api.queues.functions.queueName,
      schedules: api.queues.schedules.queueName,
    },
    scheduleGroupName: api.schedules.scheduleGroupName,
    certificateArns: [balancer.certificate.certificateArn, api.api.certificate.certificateArn],
  };
}
