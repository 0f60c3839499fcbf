/** For each rule a resource that keeps it, and one that breaks it. */
import type { Resource, Template } from '#lib/rules/rule.ts';

export interface Fixture {
  readonly passing: Template;
  readonly failing: Template;
}

const one = (Type: string, Properties: Readonly<Record<string, unknown>>): Template => ({
  Resources: { Subject: { Type, Properties } },
});

const pair = (
  type: string,
  passing: Readonly<Record<string, unknown>>,
  failing: Readonly<Record<string, unknown>>,
): Fixture => ({ passing: one(type, passing), failing: one(type, failing) });

const container = (fields: Readonly<Record<string, unknown>>) => ({ ContainerDefinitions: [fields] });
const logMode = (mode: string | undefined) =>
  container({ LogConfiguration: { Options: mode === undefined ? {} : { mode } } });
const attribute = (list: string, Key: string, Value: string) => ({ [list]: [{ Key, Value }] });
const idle = (secs: string) => attribute('LoadBalancerAttributes', 'idle_timeout.timeout_seconds', secs);
const delay = (secs: string) =>
  attribute('TargetGroupAttributes', 'deregistration_delay.timeout_seconds', secs);
const check = (path: string, timeout: number, interval: number) => ({
  HealthCheckPath: path,
  HealthCheckTimeoutSeconds: timeout,
  HealthCheckIntervalSeconds: interval,
});
const retries = (attempts: number, secs: number) => ({
  Target: { RetryPolicy: { MaximumRetryAttempts: attempts, MaximumEventAgeInSeconds: secs } },
});
const transformation = (fields: object) => ({ MetricTransformations: [fields] });
const dimensions = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ Key: `k${i}`, Value: '$.v' }));
const many = (count: number, resource: Resource): Template => ({
  Resources: Object.fromEntries(Array.from({ length: count }, (_, i) => [`R${i}`, resource])),
});
const filter = { Type: 'AWS::Logs::MetricFilter', Properties: { LogGroupName: 'group' } };

const task = 'AWS::ECS::TaskDefinition';
const service = 'AWS::ECS::Service';
const balancer = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const target = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const listener = 'AWS::ElasticLoadBalancingV2::Listener';
const lambda = 'AWS::Lambda::Function';

export const fixtures: Readonly<Record<string, Fixture>> = {
  'fargate-stop-timeout': pair(task, container({ StopTimeout: 120 }), container({ StopTimeout: 121 })),
  'container-log-mode': pair(task, logMode('non-blocking'), logMode(undefined)),
  'container-read-only': pair(task, container({ ReadonlyRootFilesystem: true }), container({})),
  'zone-rebalancing': pair(service, { AvailabilityZoneRebalancing: 'DISABLED' }, {}),
  'desired-count': pair(service, {}, { DesiredCount: 2 }),
  'balancer-idle-timeout': pair(balancer, idle('4000'), idle('4001')),
  'deregistration-delay': pair(target, delay('3600'), delay('3601')),
  'health-check': pair(target, check('/health', 5, 10), check('/health', 10, 10)),
  'balancer-tls': pair(
    listener,
    { Protocol: 'HTTPS', SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' },
    { Protocol: 'HTTP' },
  ),
  'group-description': pair(
    'AWS::EC2::SecurityGroup',
    { GroupDescription: 'Streams from Twilio', SecurityGroupIngress: [{ Description: 'port 443' }] },
    { GroupDescription: 'Streams', SecurityGroupIngress: [{ Description: "Twilio's streams" }] },
  ),
  'function-variables': pair(
    lambda,
    { Environment: { Variables: { A: 'x'.repeat(4_095) } } },
    { Environment: { Variables: { A: 'x'.repeat(4_096) } } },
  ),
  'function-name': pair(lambda, { FunctionName: 'f'.repeat(64) }, { FunctionName: 'f'.repeat(65) }),
  'function-log': pair(lambda, { LoggingConfig: { LogGroup: 'group' } }, {}),
  'integration-timeout': pair(
    'AWS::ApiGatewayV2::Integration',
    { TimeoutInMillis: 30_000 },
    { TimeoutInMillis: 30_001 },
  ),
  'one-address': pair('AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: true }, {}),
  'schedule-retries': pair('AWS::Scheduler::Schedule', retries(3, 3_600), {}),
  'policy-size': pair(
    'AWS::IAM::Policy',
    { PolicyDocument: { Statement: [] } },
    { PolicyDocument: { Statement: ['x'.repeat(10_240)] } },
  ),
  'filter-default-value': pair(
    'AWS::Logs::MetricFilter',
    transformation({ DefaultValue: 0 }),
    transformation({ DefaultValue: 0, Dimensions: dimensions(1) }),
  ),
  'filter-dimensions': pair(
    'AWS::Logs::MetricFilter',
    transformation({ Dimensions: dimensions(3) }),
    transformation({ Dimensions: dimensions(4) }),
  ),
  'log-retention': pair('AWS::Logs::LogGroup', { RetentionInDays: 7 }, {}),
  'alarm-text': pair(
    'AWS::CloudWatch::Alarm',
    { AlarmDescription: 'a'.repeat(1_024) },
    { AlarmDescription: 'a'.repeat(1_025) },
  ),
  'queue-retention': pair(
    'AWS::SQS::Queue',
    { MessageRetentionPeriod: 1_209_600 },
    { MessageRetentionPeriod: 1_209_601 },
  ),
  'table-cap': pair(
    'AWS::DynamoDB::GlobalTable',
    { WriteOnDemandThroughputSettings: { MaxWriteRequestUnits: 500 } },
    {},
  ),
  'stack-size': {
    passing: many(500, { Type: 'AWS::SNS::Topic' }),
    failing: many(501, { Type: 'AWS::SNS::Topic' }),
  },
  'filters-per-group': { passing: many(100, filter), failing: many(101, filter) },
};
