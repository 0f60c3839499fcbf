/** The limits that neither CDK nor its validation knows. Sources are the vendors' pages named in each rule. */
import { at, firstOf, listAt, numberAt, outside, type Rule, ruleFor } from './rule.ts';

const attributeOf = (properties: unknown, list: string, key: string): number | undefined =>
  numberAt(
    listAt(properties, list).find((entry) => at(entry, 'Key') === key),
    'Value',
  );

const textLength = (value: unknown): number => (typeof value === 'string' ? value.length : 0);

const media: readonly Rule[] = [
  ruleFor(
    'AWS::ECS::TaskDefinition',
    'fargate-stop-timeout',
    'Fargate kills a container 120 s after SIGTERM at the latest (Amazon ECS, "Task definition parameters")',
    (properties) =>
      firstOf(
        ...listAt(properties, 'ContainerDefinitions').map((container) =>
          outside('StopTimeout', numberAt(container, 'StopTimeout'), 2, 120),
        ),
      ),
  ),
  ruleFor(
    'AWS::ECS::TaskDefinition',
    'container-log-mode',
    'A log that blocks stops the calls of a task; the mode has to be stated (Amazon ECS, "awslogs")',
    (properties) =>
      listAt(properties, 'ContainerDefinitions').some(
        (container) => at(container, 'LogConfiguration', 'Options', 'mode') !== 'non-blocking',
      )
        ? 'a container logs in a mode that is not non-blocking'
        : undefined,
  ),
  ruleFor(
    'AWS::ECS::TaskDefinition',
    'container-read-only',
    'Nothing a media task does needs a file to be written',
    (properties) =>
      listAt(properties, 'ContainerDefinitions').some(
        (container) => at(container, 'ReadonlyRootFilesystem') !== true,
      )
        ? 'a container may write to its file system'
        : undefined,
  ),
  ruleFor(
    'AWS::ECS::Service',
    'zone-rebalancing',
    'It is on unless switched off, and moves tasks with calls on them (Amazon ECS, "Availability Zone rebalancing")',
    (properties) =>
      at(properties, 'AvailabilityZoneRebalancing') === 'DISABLED'
        ? undefined
        : 'AvailabilityZoneRebalancing must be DISABLED',
  ),
  ruleFor(
    'AWS::ECS::Service',
    'desired-count',
    'A count in the template resets what autoscaling has set, at every deployment (aws-cdk#3919)',
    (properties) =>
      at(properties, 'DesiredCount') === undefined ? undefined : 'DesiredCount must be left to autoscaling',
  ),
  ruleFor(
    'AWS::ElasticLoadBalancingV2::LoadBalancer',
    'balancer-idle-timeout',
    'From 1 to 4000 s (Elastic Load Balancing, "Application Load Balancers"); streams need an hour',
    (properties) =>
      outside(
        'idle_timeout.timeout_seconds',
        attributeOf(properties, 'LoadBalancerAttributes', 'idle_timeout.timeout_seconds') ?? 60,
        3_600,
        4_000,
      ),
  ),
  ruleFor(
    'AWS::ElasticLoadBalancingV2::TargetGroup',
    'deregistration-delay',
    'From 0 to 3600 s (Elastic Load Balancing, "Target groups")',
    (properties) =>
      outside(
        'deregistration_delay.timeout_seconds',
        attributeOf(properties, 'TargetGroupAttributes', 'deregistration_delay.timeout_seconds'),
        0,
        3_600,
      ),
  ),
  ruleFor(
    'AWS::ElasticLoadBalancingV2::TargetGroup',
    'health-check',
    'A check that lasts longer than its interval is refused; a check of load would replace full tasks',
    (properties) => {
      const interval = numberAt(properties, 'HealthCheckIntervalSeconds') ?? 30;
      if ((numberAt(properties, 'HealthCheckTimeoutSeconds') ?? 5) >= interval)
        return 'the timeout of the health check is not shorter than its interval';
      return at(properties, 'HealthCheckPath') === '/health'
        ? undefined
        : 'the health check must ask /health';
    },
  ),
  ruleFor(
    'AWS::ElasticLoadBalancingV2::Listener',
    'balancer-tls',
    'Twilio connects by wss alone, and callers are heard on it',
    (properties) =>
      at(properties, 'Protocol') === 'HTTPS' && String(at(properties, 'SslPolicy')).includes('TLS13')
        ? undefined
        : 'a listener must be HTTPS with TLS 1.3',
  ),
  ruleFor(
    'AWS::EC2::SecurityGroup',
    'group-description',
    'At most 255 of a small set of characters (Amazon EC2, "CreateSecurityGroup")',
    (properties) =>
      [
        at(properties, 'GroupDescription'),
        ...listAt(properties, 'SecurityGroupIngress').map((rule) => at(rule, 'Description')),
        ...listAt(properties, 'SecurityGroupEgress').map((rule) => at(rule, 'Description')),
      ].every((text) => typeof text !== 'string' || /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(text))
        ? undefined
        : 'a description holds a character that EC2 refuses',
  ),
];

const maxPolicyChars = 10_240;
const variableBytesMax = 4_096;

const functions: readonly Rule[] = [
  ruleFor(
    'AWS::Lambda::Function',
    'function-variables',
    'All variables of a function together have 4 KB (AWS Lambda, "Quotas")',
    (properties) => {
      const bytes = Object.entries((at(properties, 'Environment', 'Variables') ?? {}) as object).reduce(
        (sum, [name, value]) => sum + name.length + textLength(value),
        0,
      );
      return bytes <= variableBytesMax ? undefined : `its variables have ${bytes} bytes`;
    },
  ),
  ruleFor(
    'AWS::Lambda::Function',
    'function-name',
    'A name has 64 characters at most, a description 256 (AWS Lambda, "CreateFunction")',
    (properties) =>
      firstOf(
        outside('the length of FunctionName', textLength(at(properties, 'FunctionName')), 0, 64),
        outside('the length of Description', textLength(at(properties, 'Description')), 0, 256),
      ),
  ),
  ruleFor(
    'AWS::Lambda::Function',
    'function-log',
    'A log group that Lambda makes itself keeps lines for ever',
    (properties) =>
      at(properties, 'LoggingConfig', 'LogGroup') === undefined
        ? 'it writes to no log group of the template'
        : undefined,
  ),
  ruleFor(
    'AWS::ApiGatewayV2::Integration',
    'integration-timeout',
    'An HTTP API waits from 50 ms to 30 s (Amazon API Gateway, "Quotas")',
    (properties) => outside('TimeoutInMillis', numberAt(properties, 'TimeoutInMillis'), 50, 30_000),
  ),
  ruleFor(
    'AWS::ApiGatewayV2::Api',
    'one-address',
    'Signatures cover the address: with a second one they could be checked against the wrong one',
    (properties) =>
      at(properties, 'DisableExecuteApiEndpoint') === true
        ? undefined
        : 'the execute-api address must be switched off',
  ),
  ruleFor(
    'AWS::Scheduler::Schedule',
    'schedule-retries',
    'Up to 185 retries within 60 s to 24 h; without a bound a job of yesterday runs today',
    (properties) =>
      firstOf(
        outside(
          'MaximumRetryAttempts',
          numberAt(properties, 'Target', 'RetryPolicy', 'MaximumRetryAttempts') ?? 185,
          0,
          10,
        ),
        outside(
          'MaximumEventAgeInSeconds',
          numberAt(properties, 'Target', 'RetryPolicy', 'MaximumEventAgeInSeconds') ?? 86_400,
          60,
          3_600,
        ),
      ),
  ),
  ruleFor(
    'AWS::IAM::Policy',
    'policy-size',
    'Inline policies of a role have 10 240 characters together (IAM, "Quotas")',
    (properties) => {
      const chars = JSON.stringify(at(properties, 'PolicyDocument') ?? {}).length;
      return chars <= maxPolicyChars ? undefined : `the policy has ${chars} characters`;
    },
  ),
];

const dimensionsMax = 3;

const watching: readonly Rule[] = [
  ruleFor(
    'AWS::Logs::MetricFilter',
    'filter-default-value',
    'A default value and dimensions exclude each other (CloudWatch Logs, "MetricTransformation")',
    (properties) =>
      listAt(properties, 'MetricTransformations').some(
        (one) => at(one, 'DefaultValue') !== undefined && listAt(one, 'Dimensions').length > 0,
      )
        ? 'a transformation has a default value and dimensions'
        : undefined,
  ),
  ruleFor(
    'AWS::Logs::MetricFilter',
    'filter-dimensions',
    'At most three dimensions (CloudWatch Logs, "MetricTransformation")',
    (properties) =>
      listAt(properties, 'MetricTransformations').some(
        (one) => listAt(one, 'Dimensions').length > dimensionsMax,
      )
        ? 'a transformation has more than three dimensions'
        : undefined,
  ),
  ruleFor(
    'AWS::Logs::LogGroup',
    'log-retention',
    'Without a retention lines are kept, and paid for, for ever',
    (properties) =>
      numberAt(properties, 'RetentionInDays') === undefined ? 'RetentionInDays is missing' : undefined,
  ),
  ruleFor(
    'AWS::CloudWatch::Alarm',
    'alarm-text',
    'A description has 1 024 characters at most (CloudWatch, "PutMetricAlarm")',
    (properties) =>
      outside('the length of AlarmDescription', textLength(at(properties, 'AlarmDescription')), 0, 1_024),
  ),
  ruleFor(
    'AWS::SQS::Queue',
    'queue-retention',
    'A message is kept 14 days at most (Amazon SQS, "Message quotas")',
    (properties) =>
      outside('MessageRetentionPeriod', numberAt(properties, 'MessageRetentionPeriod'), 60, 1_209_600),
  ),
  ruleFor(
    'AWS::DynamoDB::GlobalTable',
    'table-cap',
    'An on-demand table without a bound pays for every loop',
    (properties) =>
      numberAt(properties, 'WriteOnDemandThroughputSettings', 'MaxWriteRequestUnits') === undefined
        ? 'MaxWriteRequestUnits is missing'
        : undefined,
  ),
];

const resourcesMax = 500;
const outputsMax = 200;
const filtersPerGroupMax = 100;

const whole: readonly Rule[] = [
  {
    id: 'stack-size',
    why: 'A stack has 500 resources and 200 outputs at most (AWS CloudFormation, "Quotas")',
    check: ({ Resources = {}, Outputs = {} }) => [
      ...(Object.keys(Resources).length > resourcesMax
        ? [{ resource: undefined, message: `the stack has ${Object.keys(Resources).length} resources` }]
        : []),
      ...(Object.keys(Outputs).length > outputsMax
        ? [{ resource: undefined, message: `the stack has ${Object.keys(Outputs).length} outputs` }]
        : []),
    ],
  },
  {
    id: 'filters-per-group',
    why: 'A log group has 100 metric filters at most (CloudWatch Logs, "Quotas")',
    check: ({ Resources = {} }) => {
      const counts = new Map<string, number>();
      for (const { Type, Properties } of Object.values(Resources)) {
        if (Type !== 'AWS::Logs::MetricFilter') continue;
        const group = JSON.stringify(at(Properties, 'LogGroupName'));
        counts.set(group, (counts.get(group) ?? 0) + 1);
      }
      return [...counts]
        .filter(([, count]) => count > filtersPerGroupMax)
        .map(([group, count]) => ({ resource: undefined, message: `${group} has ${count} metric filters` }));
    },
  },
];

export const rules: readonly Rule[] = [...media, ...functions, ...watching, ...whole];
