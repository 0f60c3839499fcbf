/** The tasks that run calls: their image, their rights, their secrets, and how they are replaced under callers. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import {
  AvailabilityZoneRebalancing,
  AwsLogDriverMode,
  type CfnService,
  Cluster,
  ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  Secret as EcsSecret,
  FargateService,
  FargateTaskDefinition,
  type ICluster,
  LogDriver,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Size } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { bundleDirOf } from '../assets/bundle-dir.ts';
import type { Tables } from '../data/data-stack.ts';
import { giveTables } from '../data/give-tables.ts';
import { parametersOf } from '../secrets/manifest.ts';
import { budgetsVariable } from '../settings/budgets-variable.ts';
import { pricesVariable } from '../settings/prices-variable.ts';
import type { StageSettings } from '../settings/schema.ts';
import { serviceVersion } from '../version.ts';
import type { Balancer } from './load-balancer.ts';
import { mediaPort, type Network } from './network.ts';

/** The most Fargate gives between SIGTERM and SIGKILL. */
const stopSecs = 120;
/** From there the process takes no more calls: the load balancer may send some for about 15 s after it was told. */
const drainAcceptMs = 20_000;
/** Lines that wait for CloudWatch; beyond it they are lost, and no call waits for a log. */
const logBufferMiB = 25;
const graceSecs = 60;

export interface MediaService {
  readonly cluster: ICluster;
  readonly service: FargateService;
  readonly logGroup: LogGroup;
}

export interface MediaServiceOptions {
  readonly settings: StageSettings;
  readonly network: Network;
  readonly balancer: Balancer;
  readonly tables: Tables;
}

/** What differs from the defaults of the process. Tables and secrets come with their rights. */
function variablesOf(settings: StageSettings): Record<string, string> {
  const { stage, mediaDomain, capacity, callMaxSecs, recordsTtlDays, transferNumber, mcpUrl } = settings;
  return {
    STAGE: stage,
    SERVICE_VERSION: serviceVersion,
    MEDIA_PORT: String(mediaPort),
    MEDIA_BASE_URL: `wss://${mediaDomain}`,
    CALLS_PER_PROCESS_MAX: String(capacity.callsPerTaskMax),
    BUDGETS: budgetsVariable(settings),
    ...pricesVariable(settings),
    CALL_MAX_SECS: String(callMaxSecs),
    DRAIN_ACCEPT_MS: String(drainAcceptMs),
    RECORDS_TTL_DAYS: String(recordsTtlDays),
    FARGATE_TASK_VCPU: String(capacity.cpu / 1024),
    FARGATE_TASK_MEMORY_GB: String(capacity.memoryMiB / 1024),
    COMPUTE_SHARE: String(1 / capacity.callsPerTaskMax),
    ...(transferNumber === undefined ? {} : { TRANSFER_NUMBER: transferNumber }),
    ...(mcpUrl === undefined ? {} : { MCP_URL: mcpUrl }),
  };
}

/** Read when a task starts: a deploy that names other versions replaces the tasks (`npm run deploy` does). */
function secretsVersionOf(scope: Construct): Record<string, string> {
  const version: unknown = scope.node.tryGetContext('secretsVersion');
  return typeof version === 'string' ? { SECRETS_VERSION: version } : {};
}

/** Recorded phrases lie beside the bundle when somebody has recorded them. */
const recordingsOf = (dir: string): Record<string, string> =>
  existsSync(path.join(dir, 'phrases')) ? { RECORDED_PHRASES_DIR: '/app/phrases' } : {};

function secretsOf(scope: Construct, settings: StageSettings): Record<string, EcsSecret> {
  const optional = settings.mcpUrl === undefined ? [] : ['mcp_token'];
  const entries = parametersOf('media', optional).map(({ id, variable, parameterName }) => {
    const parameter = StringParameter.fromSecureStringParameterAttributes(scope, `Secret-${id}`, {
      parameterName: parameterName(settings.stage),
    });
    return [variable, EcsSecret.fromSsmParameter(parameter)] as const;
  });
  return Object.fromEntries(entries);
}

function makeTask(scope: Construct, { settings, tables }: MediaServiceOptions, logGroup: LogGroup) {
  const { cpu, memoryMiB } = settings.capacity;
  const task = new FargateTaskDefinition(scope, 'Task', {
    cpu,
    memoryLimitMiB: memoryMiB,
    runtimePlatform: {
      cpuArchitecture: CpuArchitecture.ARM64,
      operatingSystemFamily: OperatingSystemFamily.LINUX,
    },
  });
  const container = task.addContainer('media', {
    image: ContainerImage.fromAsset(path.join(bundleDirOf(scope), 'media'), {
      platform: Platform.LINUX_ARM64,
    }),
    environment: {
      ...variablesOf(settings),
      ...secretsVersionOf(scope),
      ...recordingsOf(path.join(bundleDirOf(scope), 'media')),
    },
    secrets: secretsOf(scope, settings),
    portMappings: [{ containerPort: mediaPort }],
    readonlyRootFilesystem: true,
    stopTimeout: Duration.seconds(stopSecs),
    logging: LogDriver.awsLogs({
      logGroup,
      streamPrefix: 'media',
      mode: AwsLogDriverMode.NON_BLOCKING,
      maxBufferSize: Size.mebibytes(logBufferMiB),
    }),
  });
  giveTables(
    {
      grantee: task.taskRole,
      setVariable: (name, value) => container.addEnvironment(name, value),
    },
    tables,
    { calls: 'write', limits: 'write', costs: 'write' },
  );
  return task;
}

export function makeMediaService(scope: Construct, options: MediaServiceOptions): MediaService {
  const { settings, network, balancer } = options;
  const logGroup = new LogGroup(scope, 'Log', {
    logGroupName: `/voice-center/${settings.stage}/media`,
    retention: settings.logRetentionDays as RetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const cluster = new Cluster(scope, 'Cluster', {
    vpc: network.vpc,
    containerInsightsV2: ContainerInsights.DISABLED,
  }) as ICluster;
  const task = makeTask(scope, options, logGroup);
  const service = new FargateService(scope, 'Service', {
    cluster,
    taskDefinition: task,
    assignPublicIp: settings.network === 'public',
    vpcSubnets: network.taskSubnets,
    securityGroups: [network.taskGroup],
    minHealthyPercent: settings.healthyPercentMin,
    maxHealthyPercent: 200,
    circuitBreaker: { rollback: true },
    healthCheckGracePeriod: Duration.seconds(graceSecs),
    // It would move tasks, and cut their calls, for balance alone.
    availabilityZoneRebalancing: AvailabilityZoneRebalancing.DISABLED,
  });
  service.attachToApplicationTargetGroup(balancer.targetGroup);
  // The deployment is over when the new tasks are healthy; the old ones drain behind it for up to an hour.
  (service.node.defaultChild as CfnService).addPropertyOverride(
    'DeploymentConfiguration.EarlySuccessCriteria',
    {
      Enable: true,
      HealthyPercent: 100,
      SourceServiceRevisionCleanup: 'DEFERRED',
    },
  );
  // A busy task asks not to be the one that is scaled in.
  task.taskRole.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'],
      resources: [`arn:aws:ecs:${settings.region}:${settings.account}:task/${cluster.clusterName}/*`],
    }),
  );
  return { cluster, service, logGroup };
}
