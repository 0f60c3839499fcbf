/** One function: its bundle, its log, a role that may do what its code can. */
import path from 'node:path';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { type CfnLogGroup, LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { functionAccess, grantTables } from '../access.ts';
import { acknowledge } from '../acknowledged.ts';
import { functionVariables, optionalSecrets } from '../environment.ts';
import { functionLogGroup, functionName } from '../names.ts';
import { parametersOf, secretParametersVariable } from '../secrets/manifest.ts';
import type { StageSettings } from '../settings/schema.ts';
import type { FunctionSpec } from './functions.ts';

export interface FunctionOptions {
  readonly settings: StageSettings;
  readonly version: string;
  /** One folder a function, by its name. */
  readonly bundlesDir: string;
  /** Where runs of a job end up that failed for good. */
  readonly failedRuns: IQueue;
}

export function makeFunction(scope: Construct, spec: FunctionSpec, options: FunctionOptions): LambdaFunction {
  const { settings, version, bundlesDir, failedRuns } = options;
  const { stage } = settings;
  const id = constructId(spec.name);
  const logGroup = new LogGroup(scope, `${id}Log`, {
    logGroupName: functionLogGroup(stage, spec.name),
    retention: settings.logDays as RetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  allowLogs(role, logGroup);
  const tables = grantTables(role, functionAccess, stage, Stack.of(scope));
  return new LambdaFunction(scope, id, {
    functionName: functionName(stage, spec.name),
    description: spec.reason,
    code: Code.fromAsset(path.join(bundlesDir, spec.name)),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: spec.memoryMb,
    timeout: Duration.seconds(spec.timeoutSecs),
    role,
    logGroup,
    // Lines are JSON already; the other format would wrap them, and no metric would be found in them.
    loggingFormat: LoggingFormat.TEXT,
    environment: {
      ...functionVariables(settings, version),
      ...tables,
      ...grantSecrets(role, spec, settings),
    },
    ...(settings.reservesConcurrency && spec.reserved !== undefined
      ? { reservedConcurrentExecutions: spec.reserved }
      : {}),
    ...afterFailure(spec, failedRuns),
  });
}

/** Lambda tries a job again by itself; what failed for good is kept, to be looked at. */
function afterFailure({ source, schedule }: FunctionSpec, failedRuns: IQueue) {
  if (source !== 'jobs') return {};
  if (schedule?.isFrequent) return { retryAttempts: 0, maxEventAge: Duration.minutes(1) };
  return { onFailure: new SqsDestination(failedRuns), retryAttempts: 2, maxEventAge: Duration.hours(1) };
}

export const constructId = (name: string): string =>
  name
    .split('-')
    .map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`)
    .join('');

/** The managed policy would allow it for every group of the account. */
function allowLogs(role: Role, logGroup: LogGroup): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  );
  acknowledge(
    role,
    'logStreams',
    `Resource::<${Stack.of(role).getLogicalId(logGroup.node.defaultChild as CfnLogGroup)}.Arn>`,
  );
}

/** Permission and variable in one call. The values stay in the parameter store. */
function grantSecrets(role: Role, { name }: FunctionSpec, settings: StageSettings): Record<string, string> {
  const specs = parametersOf(name, optionalSecrets(settings));
  const stack = Stack.of(role);
  role.addToPolicy(
    new PolicyStatement({
      actions: ['ssm:GetParameters'],
      resources: specs.map(({ parameterName }) =>
        stack.formatArn({
          service: 'ssm',
          resource: 'parameter',
          resourceName: parameterName(settings.stage).slice(1),
        }),
      ),
    }),
  );
  return { SECRET_PARAMETERS: secretParametersVariable(specs, settings.stage) };
}
