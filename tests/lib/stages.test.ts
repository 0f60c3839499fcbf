import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parsePriceOverrides } from '#core/costs/price-overrides.ts';
import { defaultPrices } from '#core/costs/prices.ts';
import { apiRoutes } from '#core/http/routes.ts';
import { tables } from '#core/records/tables.ts';
import { parseConfig } from '#lambdas/config.ts';
import { parseSecretParameters } from '#lambdas/secret-parameters.ts';
import { functionNames } from '#lib/api/function-table.ts';
import { settingsOf, stageNames } from '#lib/settings/index.ts';
import { pricesVariable } from '#lib/settings/prices-variable.ts';
import { checkSettings, SettingsError } from '#lib/settings/schema.ts';
import { parseMediaConfig } from '#media-service/config.ts';
import { secretValues } from './secret-values.ts';
import {
  type Resource,
  resourceOf,
  resourcesOf,
  type StageTemplates,
  synthesiseStage,
  templatesOf,
} from './stage-templates.ts';

const stages = Object.entries(templatesOf);
const templates = (stage: string): StageTemplates => templatesOf[stage] as StageTemplates;

/** Properties in which AWS wants a name that no other resource of the account and region has. */
const nameProperty =
  /^(Name|.*(Function|Role|Table|Queue|Topic|Cluster|Service|Dashboard|Alarm|LogGroup|Policy|Repository|Bucket|Budget|Group|Domain)Name)$/;

/** Where a name is a reference to something, or part of something that is named itself. */
const namesOfOthers = new Set([
  'AWS::Logs::MetricFilter',
  'AWS::ApplicationAutoScaling::ScalingPolicy',
  'AWS::ApiGatewayV2::ApiMapping',
  'AWS::IAM::Policy',
]);

function physicalNames({ Type, Properties = {} }: Resource): readonly string[] {
  if (namesOfOthers.has(Type)) return [];
  return Object.entries(Properties)
    .filter(([property, value]) => nameProperty.test(property) && typeof value === 'string')
    .map(([property, value]) => `${Type} ${property} ${String(value)}`);
}

const namesOf = (stage: StageTemplates): ReadonlySet<string> =>
  new Set(Object.values(stage).flatMap(({ Resources }) => Object.values(Resources).flatMap(physicalNames)));

const stateful =
  /^AWS::(DynamoDB::(GlobalTable|Table)|S3::Bucket|EFS::FileSystem|RDS::.*|ECR::Repository|KMS::Key|SSM::Parameter|SecretsManager::Secret)$/;

/** What a process of a stage finds in its environment, references replaced by a text. */
const resolved = (variables: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, typeof value === 'string' ? value : 'reference']),
  );

describe('Stages of one account', () => {
  test('have no physical name in common', () => {
    const seen = new Map<string, string>();
    for (const [stage, parts] of stages)
      for (const name of namesOf(parts)) {
        assert.equal(seen.get(name), undefined, `${name} is in ${stage} and ${seen.get(name)}`);
        seen.set(name, stage);
      }

    assert.ok(seen.size > functionNames.length * stages.length, 'the names of functions are among them');
  });

  test('keep what must not be lost in the data stack alone', () => {
    for (const [stage, { data, ...others }] of stages) {
      const held = (template: StageTemplates['data']) =>
        Object.values(template.Resources).filter(({ Type }) => stateful.test(Type)).length;

      assert.equal(held(data), Object.keys(tables).length, stage);
      assert.deepEqual(Object.values(others).map(held), [0, 0, 0], stage);
    }
  });

  test('keep their tables when the stack of a protected stage is deleted', () => {
    for (const [stage, { data }] of stages) {
      const { protectData } = settingsOf(stage);
      for (const [id, table] of Object.entries(data.Resources)) {
        const [replica] = table.Properties['Replicas'] as Readonly<Record<string, unknown>>[];
        assert.equal(table.DeletionPolicy, protectData ? 'Retain' : 'Delete', `${stage} ${id}`);
        assert.equal(replica?.['DeletionProtectionEnabled'], protectData, `${stage} ${id}`);
      }
    }
  });

  test('are synthesised to the same bytes twice', () => {
    assert.equal(JSON.stringify(synthesiseStage('dev')), JSON.stringify(templates('dev')));
  });
});

describe('The environment in a template', () => {
  test('is all that a function needs to start, with the values of its secrets', () => {
    for (const [stage, { api }] of stages)
      for (const [id, { Environment, FunctionName }] of resourcesOf(api, 'AWS::Lambda::Function')) {
        const { Variables } = Environment as { Variables: Readonly<Record<string, unknown>> };
        const variables = resolved(Variables);
        const secrets = parseSecretParameters(variables['SECRET_PARAMETERS'] ?? '').filter(
          ({ required }) => required,
        );
        const values = Object.fromEntries(secrets.map(({ variable }) => [variable, secretValues[variable]]));

        const config = parseConfig({ ...variables, ...values });

        assert.equal(config.STAGE, stage, `${id} ${String(FunctionName)}`);
        assert.equal(config.BUDGETS.stage.dayUsd, settingsOf(stage).budgets.dayUsd);
      }
  });

  test('is all that a media task needs to start', () => {
    for (const [stage, { media }] of stages) {
      const [container] = resourceOf(media, 'AWS::ECS::TaskDefinition')['ContainerDefinitions'] as {
        Environment: { Name: string; Value: unknown }[];
        Secrets: { Name: string }[];
      }[];
      const variables = resolved(
        Object.fromEntries(container?.Environment.map(({ Name, Value }) => [Name, Value]) ?? []),
      );
      const secrets = Object.fromEntries(
        container?.Secrets.map(({ Name }) => [Name, secretValues[Name]]) ?? [],
      );

      const parsed = parseMediaConfig({ ...variables, ...secrets });

      assert.ok('config' in parsed, JSON.stringify(parsed));
      const { capacity, callMaxSecs } = settingsOf(stage);
      assert.equal(parsed.config.CALLS_PER_PROCESS_MAX, capacity.callsPerTaskMax);
      assert.equal(parsed.config.CALL_MAX_SECS, callMaxSecs);
      assert.equal(parsed.config.prices.task.vcpu, capacity.cpu / 1024);
      const { DRAIN_ACCEPT_MS, DRAIN_GRACE_MS, DRAIN_GOODBYE_MS } = parsed.config;
      assert.ok(DRAIN_ACCEPT_MS + DRAIN_GRACE_MS + DRAIN_GOODBYE_MS <= 110_000, 'out before Fargate kills');
    }
  });

  test('leaves room for the longest document of prices', () => {
    const bytesMax = 4_096;
    const pricesChars = 'PRICES'.length + 2_000;
    // A name of a table or a bucket that stands for a reference is shorter than this.
    const referenceChars = 60;
    for (const [stage, { api }] of stages)
      for (const [id, { Environment }] of resourcesOf(api, 'AWS::Lambda::Function')) {
        const { Variables } = Environment as { Variables: Readonly<Record<string, unknown>> };
        const chars = Object.entries(Variables).reduce(
          (sum, [name, value]) =>
            sum + name.length + (typeof value === 'string' ? value.length : referenceChars),
          0,
        );
        assert.ok(chars + pricesChars <= bytesMax, `${stage} ${id}: ${chars}`);
      }
  });

  test('holds the prices of a stage that has its own', () => {
    const prices = { twilio: { streamPerMin: 0.003 }, tools: { court_calendar: 0.01 } };
    const settings = checkSettings('dev', { ...settingsOf('dev'), prices });

    const config = parsePriceOverrides(pricesVariable(settings), defaultPrices);

    assert.ok(config.ok && config.prices.mediaStream.usd === 0.003);
    assert.deepEqual(pricesVariable(settingsOf('dev')), {}, 'list prices need no variable');
  });

  test('holds no secret in clear', () => {
    const names = new Set(Object.keys(secretValues));
    for (const [, { api, media }] of stages) {
      const inFunctions = resourcesOf(api, 'AWS::Lambda::Function').flatMap(([, { Environment }]) =>
        Object.keys((Environment as { Variables: object }).Variables),
      );
      const inTask = (
        resourceOf(media, 'AWS::ECS::TaskDefinition')['ContainerDefinitions'] as {
          Environment: { Name: string }[];
        }[]
      ).flatMap(({ Environment }) => Environment.map(({ Name }) => Name));

      assert.deepEqual(
        [...inFunctions, ...inTask].filter((name) => names.has(name)),
        [],
      );
    }
  });
});

describe('The HTTP API', () => {
  test('serves every route of the code, and no other', () => {
    const wanted = apiRoutes.map(({ method, path }) => `${method} ${path}`).sort();

    for (const [stage, { api }] of stages) {
      const served = resourcesOf(api, 'AWS::ApiGatewayV2::Route').map(([, { RouteKey }]) => String(RouteKey));
      assert.deepEqual(served.toSorted(), wanted, stage);
    }
  });

  test('throttles every route, and webhooks by their own bound', () => {
    const { throttling } = settingsOf('prod');
    const settings = resourceOf(templates('prod').api, 'AWS::ApiGatewayV2::Stage')[
      'RouteSettings'
    ] as Readonly<Record<string, { ThrottlingRateLimit: number }>>;

    const routes = apiRoutes.map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(Object.keys(settings).sort(), routes.sort());
    for (const { method, path, class: routeClass } of apiRoutes)
      if (routeClass === 'webhook' || routeClass === 'public')
        assert.equal(
          settings[`${method} ${path}`]?.ThrottlingRateLimit,
          throttling[routeClass].ratePerSec,
          `${method} ${path}`,
        );
  });
});

describe('Media tasks', () => {
  const { media } = templates('prod');

  test('keep a call for the longest that it may last while they are replaced', () => {
    const attributes = resourceOf(media, 'AWS::ElasticLoadBalancingV2::TargetGroup')[
      'TargetGroupAttributes'
    ] as { Key: string; Value: string }[];
    const delay = attributes.find(({ Key }) => Key === 'deregistration_delay.timeout_seconds')?.Value;

    assert.equal(delay, '3600');
    assert.ok(settingsOf('prod').callMaxSecs + 120 < Number(delay), 'with the goodbye');
  });

  test('are replaced one for one, rolled back when they fail, and never moved for balance', () => {
    const service = resourceOf(media, 'AWS::ECS::Service');

    const deployment = service['DeploymentConfiguration'] as Readonly<Record<string, unknown>>;
    assert.equal(deployment['MinimumHealthyPercent'], 100);
    assert.deepEqual(deployment['DeploymentCircuitBreaker'], { Enable: true, Rollback: true });
    assert.deepEqual(deployment['EarlySuccessCriteria'], {
      Enable: true,
      HealthyPercent: 100,
      SourceServiceRevisionCleanup: 'DEFERRED',
    });
    assert.equal(service['AvailabilityZoneRebalancing'], 'DISABLED');
    assert.equal(service['DesiredCount'], undefined);
  });

  test('grow at three fifths of their places and shrink at a quarter, after a quarter of an hour', () => {
    const { callsPerTaskMax } = settingsOf('prod').capacity;
    const policies = resourcesOf(media, 'AWS::ApplicationAutoScaling::ScalingPolicy').map(
      ([, policy]) => policy,
    );
    const out = policies.find(({ PolicyType }) => PolicyType === 'TargetTrackingScaling');
    const target = out?.['TargetTrackingScalingPolicyConfiguration'] as Readonly<Record<string, unknown>>;
    const alarm = resourceOf(media, 'AWS::CloudWatch::Alarm');

    assert.equal(target['TargetValue'], callsPerTaskMax * 0.6);
    assert.equal(target['DisableScaleIn'], true);
    assert.equal(alarm['ComparisonOperator'], 'LessThanOrEqualToThreshold');
    assert.equal(alarm['Threshold'], callsPerTaskMax * 0.25);
    assert.equal(Number(alarm['Period']) * Number(alarm['EvaluationPeriods']), 15 * 60);
  });

  test('are reached through the load balancer alone', () => {
    const inbound = [
      ...resourcesOf(media, 'AWS::EC2::SecurityGroupIngress').map(([, rule]) => rule),
      ...resourcesOf(media, 'AWS::EC2::SecurityGroup').flatMap(
        ([, { SecurityGroupIngress = [] }]) => SecurityGroupIngress as Readonly<Record<string, unknown>>[],
      ),
    ];

    const open = inbound.filter(({ CidrIp, CidrIpv6 }) => CidrIp !== undefined || CidrIpv6 !== undefined);
    assert.deepEqual(
      open.map(({ FromPort, ToPort }) => [FromPort, ToPort]),
      [[443, 443]],
    );
    assert.equal(inbound.length - open.length, 1);
  });
});

describe('Settings of a stage', () => {
  const prod = settingsOf('prod');
  const manyTools = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`tool_${i}`, 0.01]));

  test('name the field that is wrong, and how to mend it', () => {
    for (const [change, problem] of [
      [{ account: '1' }, 'account: must be the 12 digits of an AWS account'],
      [
        { capacity: { ...prod.capacity, memoryMiB: 512 } },
        /capacity\.memoryMiB: with 512 units must be one of 1024/,
      ],
      [{ mediaDomain: prod.apiDomain }, 'mediaDomain: must differ from apiDomain'],
      [{ apiDomain: 'api.elsewhere.com' }, /apiDomain: must lie in the hosted zone/],
      [{ colour: 'blue' }, /Unrecognized key/],
      [{ prices: { twilio: { streamPerMin: '3' } } }, 'prices.twilio.streamPerMin: must be US dollars'],
      [
        { prices: { source: 'x'.repeat(199), tools: manyTools } },
        /prices: must have at most 2000 characters/,
      ],
    ] as const)
      assert.throws(
        () => checkSettings('prod', { ...prod, ...change }),
        (error: unknown) =>
          error instanceof SettingsError &&
          (typeof problem === 'string' ? error.message.includes(problem) : problem.test(error.message)),
      );
  });

  test('of the examples are right', () => {
    assert.deepEqual(stageNames.map((stage) => settingsOf(stage).stage).toSorted(), ['dev', 'prod', 'test']);
  });
});
