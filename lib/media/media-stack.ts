/** Where calls are run. Holds no state: it can be deleted, which parks the stage, and made again. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { type IVpc, Port, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import {
  AvailabilityZoneRebalancing,
  type CfnService,
  Cluster,
  ContainerInsights,
  FargateService,
  type FargateTaskDefinition,
  type ICluster,
  PropagatedTagSource,
} from 'aws-cdk-lib/aws-ecs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledged.ts';
import { mediaPort } from '../environment.ts';
import { clusterName, mediaLogGroup, serviceName } from '../names.ts';
import type { StageSettings } from '../settings/schema.ts';
import { stackProps, ZonedStack } from '../stack-base.ts';
import { type Entrance, makeEntrance } from './load-balancer.ts';
import { makeNetwork, zonesOf } from './network.ts';
import { scaleTasks } from './scaling.ts';
import { makeTask } from './task.ts';

export interface MediaProps {
  readonly settings: StageSettings;
  readonly version: string;
  readonly bundleDir: string;
}

export class MediaStack extends ZonedStack {
  readonly loadBalancerFullName: string;
  readonly targetGroupFullName: string;
  readonly certificateArn: string;

  constructor(scope: Construct, id: string, { settings, version, bundleDir }: MediaProps) {
    super(scope, id, { ...stackProps(settings, 'media'), zones: zonesOf(settings) });
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: mediaLogGroup(settings.stage),
      retention: settings.logDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const vpc = makeNetwork(this, settings);
    const entrance = makeEntrance(this, vpc, settings);
    const task = makeTask(this, { settings, version, bundleDir, logGroup });
    const service = makeService(this, { settings, vpc, entrance, task });
    scaleTasks(service, settings);
    this.loadBalancerFullName = entrance.loadBalancer.loadBalancerFullName;
    this.targetGroupFullName = entrance.targetGroup.targetGroupFullName;
    this.certificateArn = entrance.certificate.certificateArn;
  }
}

interface ServiceParts {
  readonly settings: StageSettings;
  readonly vpc: IVpc;
  readonly entrance: Entrance;
  readonly task: FargateTaskDefinition;
}

function makeService(scope: Construct, { settings, vpc, entrance, task }: ServiceParts): FargateService {
  const { stage, network, media } = settings;
  const cluster = new Cluster(scope, 'Cluster', {
    vpc,
    clusterName: clusterName(stage),
    containerInsightsV2: ContainerInsights.DISABLED,
  });
  acknowledge(cluster, 'noInsights');
  const securityGroup = new SecurityGroup(scope, 'TaskGroup', { vpc, description: 'Media tasks' });
  securityGroup.addIngressRule(entrance.securityGroup, Port.tcp(mediaPort), 'From the load balancer');
  entrance.securityGroup.addEgressRule(securityGroup, Port.tcp(mediaPort), 'To the tasks');
  const service = new FargateService(scope, 'Service', {
    cluster: cluster as ICluster,
    serviceName: serviceName(stage),
    taskDefinition: task,
    securityGroups: [securityGroup],
    vpcSubnets: { subnetType: network === 'public' ? SubnetType.PUBLIC : SubnetType.PRIVATE_WITH_EGRESS },
    assignPublicIp: network === 'public',
    // Where scaling decides, a deploy must not.
    ...(media.tasks.min === media.tasks.max ? { desiredCount: media.tasks.min } : {}),
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { rollback: true },
    // It would end tasks with calls to spread the others.
    availabilityZoneRebalancing: AvailabilityZoneRebalancing.DISABLED,
    propagateTags: PropagatedTagSource.SERVICE,
  });
  service.attachToApplicationTargetGroup(entrance.targetGroup);
  service.node.addDependency(entrance.loadBalancer);
  // A deploy is done when the new tasks are healthy; the old ones keep their calls in the background.
  (service.node.findChild('Service') as CfnService).addPropertyOverride(
    'DeploymentConfiguration.EarlySuccessCriteria',
    { Enable: true, HealthyPercent: 100, SourceServiceRevisionCleanup: 'DEFERRED' },
  );
  return service;
}
