/** One task of the media service: image, size, permissions, secrets by reference. */
import { Duration, Size, Stack } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import {
  AwsLogDriverMode,
  ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  LogDrivers,
  OperatingSystemFamily,
  Secret,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { grantTables, mediaAccess } from '../access.ts';
import { acknowledge } from '../acknowledged.ts';
import { mediaPort, mediaVariables, optionalSecrets, stopTimeoutSecs } from '../environment.ts';
import { clusterName } from '../names.ts';
import { parametersOf } from '../secrets/manifest.ts';
import type { StageSettings } from '../settings/schema.ts';

/** The image's user `nonroot` (distroless). */
const userId = '65532';

export interface TaskOptions {
  readonly settings: StageSettings;
  readonly version: string;
  /** The bundle with its Dockerfile. */
  readonly bundleDir: string;
  readonly logGroup: LogGroup;
}

export function makeTask(scope: Construct, options: TaskOptions): FargateTaskDefinition {
  const { settings, version, bundleDir, logGroup } = options;
  const { media, stage } = settings;
  const task = new FargateTaskDefinition(scope, 'Task', {
    cpu: media.vcpu * 1024,
    memoryLimitMiB: media.memoryGb * 1024,
    runtimePlatform: {
      cpuArchitecture: CpuArchitecture.ARM64,
      operatingSystemFamily: OperatingSystemFamily.LINUX,
    },
  });
  const tables = grantTables(task.taskRole, mediaAccess, stage, Stack.of(scope));
  task.addContainer('media', {
    image: ContainerImage.fromAsset(bundleDir, { platform: Platform.LINUX_ARM64 }),
    environment: { ...mediaVariables(settings, version), ...tables, AWS_REGION: settings.region },
    secrets: mediaSecrets(scope, settings),
    portMappings: [{ containerPort: mediaPort }],
    user: userId,
    readonlyRootFilesystem: true,
    stopTimeout: Duration.seconds(stopTimeoutSecs),
    // Under pressure lines are dropped rather than calls held up: what a call costs is kept in the tables.
    logging: LogDrivers.awsLogs({
      logGroup,
      streamPrefix: 'task',
      mode: AwsLogDriverMode.NON_BLOCKING,
      maxBufferSize: Size.mebibytes(25),
    }),
  });
  acknowledge(task, 'plainSettings');
  allowTaskProtection(task, stage);
  const executionRole = task.obtainExecutionRole();
  acknowledge(executionRole, 'registryLogin');
  return task;
}

/** A parameter that is missing keeps a task from starting: the preflight of a deploy looks for each. */
function mediaSecrets(scope: Construct, settings: StageSettings): Record<string, Secret> {
  return Object.fromEntries(
    parametersOf('media', optionalSecrets(settings)).map(({ id, variable, parameterName }) => [
      variable,
      Secret.fromSsmParameter(
        StringParameter.fromSecureStringParameterAttributes(scope, `Secret-${id}`, {
          parameterName: parameterName(settings.stage),
        }),
      ),
    ]),
  );
}

/** A task with calls asks not to be the one that scaling in takes away. */
function allowTaskProtection(task: FargateTaskDefinition, stage: string): void {
  const stack = Stack.of(task);
  const tasks = stack.formatArn({
    service: 'ecs',
    resource: 'task',
    resourceName: `${clusterName(stage)}/*`,
  });
  task.addToTaskRolePolicy(
    new PolicyStatement({
      actions: ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'],
      resources: [tasks],
    }),
  );
  acknowledge(
    task.taskRole,
    'ownTasks',
    `Resource::arn:aws:ecs:${stack.region}:${stack.account}:task/${clusterName(stage)}/*`,
  );
}
