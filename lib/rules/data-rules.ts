/** Limits of tables, logs, alarms and permissions. */
import {
  type Finding,
  listOf,
  numberOf,
  objectOf,
  propertyRule,
  type Rule,
  resourcesOf,
  type Template,
} from './template.ts';

/** IAM quotas: all inline policies of one role, without white space. */
const inlinePolicyCharsMax = 10_240;
/** Amazon CloudWatch Logs quotas. */
const filtersPerGroupMax = 100;
const filterDimensionsMax = 3;

const nameOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function findCrowdedGroups(template: Template): readonly Finding[] {
  const counts = new Map<string, number>();
  for (const [, { LogGroupName }] of resourcesOf(template, 'AWS::Logs::MetricFilter')) {
    const group = nameOf(LogGroupName);
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > filtersPerGroupMax)
    .map(([resource, count]) => ({ resource, what: `has ${count} filters of ${filtersPerGroupMax}` }));
}

function findLargePolicies(template: Template): readonly Finding[] {
  const chars = new Map<string, number>();
  for (const [, { Roles, PolicyDocument }] of resourcesOf(template, 'AWS::IAM::Policy'))
    for (const role of listOf(Roles)) {
      const id = nameOf(role);
      chars.set(id, (chars.get(id) ?? 0) + JSON.stringify(PolicyDocument).length);
    }
  return [...chars]
    .filter(([, count]) => count > inlinePolicyCharsMax)
    .map(([resource, count]) => ({ resource, what: `has policies of ${count} characters` }));
}

/** Every attribute that is described is a key, and the other way round. */
function keysProblem({
  AttributeDefinitions,
  KeySchema,
  GlobalSecondaryIndexes,
}: Readonly<Record<string, unknown>>) {
  const described = new Set(listOf(AttributeDefinitions).map(({ AttributeName }) => AttributeName));
  const schemas = [KeySchema, ...listOf(GlobalSecondaryIndexes).map((index) => index['KeySchema'])];
  const used = new Set(schemas.flatMap((schema) => listOf(schema).map(({ AttributeName }) => AttributeName)));
  const odd = [...described]
    .filter((name) => !used.has(name))
    .concat([...used].filter((name) => !described.has(name)));
  return odd.length === 0 ? undefined : `${odd.join(', ')}: described or used, not both`;
}

function alarmSpanProblem({
  Period,
  EvaluationPeriods,
}: Readonly<Record<string, unknown>>): string | undefined {
  const [period, count] = [numberOf(Period), numberOf(EvaluationPeriods)];
  if (period === undefined || count === undefined) return undefined;
  const spanMax = period >= 3_600 ? 604_800 : 86_400;
  return period * count <= spanMax ? undefined : `looks back ${period * count} s of ${spanMax}`;
}

export const dataRules: readonly Rule[] = [
  propertyRule(
    'table-keys',
    'A table describes exactly the attributes of its keys and indexes (Amazon DynamoDB API, CreateTable).',
    'AWS::DynamoDB::GlobalTable',
    keysProblem,
  ),
  propertyRule(
    'table-indexes',
    'A table has at most 20 global indexes (Amazon DynamoDB quotas).',
    'AWS::DynamoDB::GlobalTable',
    ({ GlobalSecondaryIndexes }) => {
      const { length } = listOf(GlobalSecondaryIndexes);
      return length > 20 ? `has ${length}` : undefined;
    },
  ),
  propertyRule(
    'filter-default-or-dimensions',
    'A metric filter has a default value or dimensions, not both (Amazon CloudWatch Logs API, MetricTransformation).',
    'AWS::Logs::MetricFilter',
    ({ MetricTransformations }) =>
      listOf(MetricTransformations).some(
        ({ DefaultValue, Dimensions }) => DefaultValue !== undefined && listOf(Dimensions).length > 0,
      )
        ? 'has both'
        : undefined,
  ),
  propertyRule(
    'filter-dimensions',
    'A metric filter has at most three dimensions (Amazon CloudWatch Logs quotas).',
    'AWS::Logs::MetricFilter',
    ({ MetricTransformations }) =>
      listOf(MetricTransformations).some(({ Dimensions }) => listOf(Dimensions).length > filterDimensionsMax)
        ? 'has more'
        : undefined,
  ),
  {
    id: 'filters-per-group',
    why: 'A log group has at most 100 metric filters (Amazon CloudWatch Logs quotas).',
    find: findCrowdedGroups,
  },
  propertyRule(
    'access-log-name',
    'Outside /aws/vendedlogs/ each access log adds to a policy of 5120 characters per account (Amazon CloudWatch Logs).',
    'AWS::ApiGatewayV2::Stage',
    ({ AccessLogSettings }, template) => {
      const { DestinationArn } = objectOf(AccessLogSettings);
      const [id = ''] = (objectOf(DestinationArn)['Fn::GetAtt'] ?? []) as readonly string[];
      const name = template.Resources[id]?.Properties?.['LogGroupName'];
      return typeof name !== 'string' || name.startsWith('/aws/vendedlogs/')
        ? undefined
        : `writes to ${name}`;
    },
  ),
  propertyRule(
    'alarm-span',
    'An alarm looks back a day, with periods of an hour a week (Amazon CloudWatch API, PutMetricAlarm).',
    'AWS::CloudWatch::Alarm',
    alarmSpanProblem,
  ),
  propertyRule(
    'alarm-actions',
    'An alarm has at most five actions per state (Amazon CloudWatch quotas).',
    'AWS::CloudWatch::Alarm',
    ({ AlarmActions }) => (listOf(AlarmActions).length > 5 ? 'has more' : undefined),
  ),
  {
    id: 'inline-policies',
    why: 'All inline policies of a role have at most 10,240 characters (IAM quotas).',
    find: findLargePolicies,
  },
  propertyRule(
    'billed-log-days',
    'Without a retention a group keeps its lines, and their price, for ever (Amazon CloudWatch Logs).',
    'AWS::Logs::LogGroup',
    ({ RetentionInDays }) => (RetentionInDays === undefined ? 'has no retention' : undefined),
  ),
];
