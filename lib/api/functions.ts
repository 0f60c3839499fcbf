/** The functions of a stage, from the table of functions: code, size, rights, variables, secrets, logs. */
import path from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { bundleDirOf } from '../assets/bundle-dir.ts';
import type { Tables } from '../data/data-stack.ts';
import { giveTables } from '../data/give-tables.ts';
import { parameters, parametersOf, secretParametersVariable } from '../secrets/manifest.ts';
import { budgetsVariable } from '../settings/budgets-variable.ts';
import { pricesVariable } from '../settings/prices-variable.ts';
import type { StageSettings } from '../settings/schema.ts';
import { serviceVersion } from '../version.ts';
import { type FunctionSpec, functionNames, functionSpec, isJob, nodeOptions } from './function-table.ts';

export interface StageFunction {
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;
}

export interface FunctionOptions {
  readonly settings: StageSettings;
  readonly tables: Tables;
  /** Where the events of jobs go that failed three times. */
  readonly failures: Queue;
}

function variablesOf(settings: StageSettings): Record<string, string> {
  return {
    STAGE: settings.stage,
    SERVICE_VERSION: serviceVersion,
    PUBLIC_BASE_URL: `https://${settings.apiDomain}`,
    MEDIA_BASE_URL: `wss://${settings.mediaDomain}`,
    TWILIO_ACCOUNT_SID: settings.twilio.accountSid,
    TWILIO_PHONE_NUMBER: settings.twilio.phoneNumber,
    OUTBOUND_COUNTRIES: settings.outboundCountries.join(','),
    CALLS_PER_MINUTE_MAX: String(settings.callsPerMinuteMax),
    BUDGETS: budgetsVariable(settings),
    ...pricesVariable(settings),
    FARGATE_TASK_VCPU: String(settings.capacity.cpu / 1024),
    FARGATE_TASK_MEMORY_GB: String(settings.capacity.memoryMiB / 1024),
    RECORDS_TTL_DAYS: String(settings.recordsTtlDays),
    NODE_OPTIONS: nodeOptions.join(' '),
  };
}

/** May write to its own log and nothing else. */
function makeRole(scope: Construct, name: string, logGroup: LogGroup): Role {
  const role = new Role(scope, `${name}-role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  );
  return role;
}

/** By reference: the values stand in no template and no settings of a function. */
function giveSecrets(made: LambdaFunction, name: string, settings: StageSettings): void {
  // Optional ones may be put later without a deployment.
  const optional = parameters.filter((spec) => spec.optional).map(({ id }) => id);
  const specs = parametersOf(name, optional);
  if (specs.length === 0) return;
  made.addEnvironment('SECRET_PARAMETERS', secretParametersVariable(specs, settings.stage));
  made.addToRolePolicy(
    new PolicyStatement({
      actions: ['ssm:GetParameters'],
      resources: specs.map(
        ({ parameterName }) =>
          `arn:aws:ssm:${settings.region}:${settings.account}:parameter${parameterName(settings.stage)}`,
      ),
    }),
  );
}

/** What a job could not do is tried again twice, then kept for somebody to look at. */
const failureHandling = ({ onceOnly }: FunctionSpec, failures: Queue) =>
  onceOnly ? { retryAttempts: 0 } : { retryAttempts: 2, onFailure: new SqsDestination(failures) };

function makeFunction(scope: Construct, name: string, options: FunctionOptions): StageFunction {
  const { settings, tables, failures } = options;
  const spec = functionSpec(name);
  const logGroup = new LogGroup(scope, `${name}-log`, {
    logGroupName: `/voice-center/${settings.stage}/functions/${name}`,
    retention: settings.logRetentionDays as RetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const made = new LambdaFunction(scope, name, {
    functionName: `voice-${settings.stage}-${name}`,
    description: `Voice center ${settings.stage}: ${name}`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: Code.fromAsset(path.join(bundleDirOf(scope), 'functions', name)),
    handler: 'index.handler',
    memorySize: spec.memoryMiB,
    timeout: Duration.seconds(spec.timeoutSecs),
    ...(spec.concurrencyMax === undefined ? {} : { reservedConcurrentExecutions: spec.concurrencyMax }),
    environment: variablesOf(settings),
    role: makeRole(scope, name, logGroup),
    logGroup,
    ...(isJob(name) ? failureHandling(spec, failures) : {}),
  });
  giveTables(
    { grantee: made, setVariable: (variable, value) => made.addEnvironment(variable, value) },
    tables,
    spec.tables,
  );
  giveSecrets(made, name, settings);
  // Metrics have no ARN.
  if (spec.readsMetrics)
    made.addToRolePolicy(
      new PolicyStatement({ actions: ['cloudwatch:GetMetricStatistics'], resources: ['*'] }),
    );
  return { function: made, logGroup };
}

export function makeFunctions(
  scope: Construct,
  options: FunctionOptions,
): ReadonlyMap<string, StageFunction> {
  return new Map(functionNames.map((name) => [name, makeFunction(scope, name, options)]));
}
