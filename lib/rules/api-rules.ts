/** Limits of functions, the HTTP API, schedules and queues. */
import {
  type Finding,
  numberOf,
  objectOf,
  outOfRange,
  propertyRule,
  type Rule,
  resourcesOf,
  type Template,
} from './template.ts';

/** AWS Lambda quotas, "Function configuration". */
const variablesBytesMax = 4_096;
/** A tenth of the 1,000 of an account must stay unreserved (AWS Lambda guide, "Reserved concurrency"). */
const reservedMax = 900;
/** Amazon API Gateway quotas for HTTP APIs: 30 s; the function must answer before. */
const integrationSecs = 30;

function tooLarge({ Environment }: Readonly<Record<string, unknown>>): string | undefined {
  const bytes = Object.entries(objectOf(objectOf(Environment)['Variables'])).reduce(
    (sum, [name, value]) =>
      sum + Buffer.byteLength(name + (typeof value === 'string' ? value : JSON.stringify(value))),
    0,
  );
  return bytes > variablesBytesMax ? `the variables have ${bytes} of ${variablesBytesMax} bytes` : undefined;
}

/** Ids of functions that the HTTP API asks. */
function functionsBehindApi(template: Template): ReadonlySet<string> {
  const integrations = resourcesOf(template, 'AWS::ApiGatewayV2::Integration');
  const named = integrations.flatMap(([, { IntegrationUri }]) => {
    const [id] = (objectOf(IntegrationUri)['Fn::GetAtt'] ?? []) as readonly string[];
    return id === undefined ? [] : [id];
  });
  return new Set(named);
}

function findSlowIntegrations(template: Template): readonly Finding[] {
  const asked = functionsBehindApi(template);
  return resourcesOf(template, 'AWS::Lambda::Function')
    .filter(([id, { Timeout }]) => asked.has(id) && (numberOf(Timeout) ?? 3) >= integrationSecs)
    .map(([resource, { Timeout }]) => ({
      resource,
      what: `runs up to ${String(Timeout)} s behind the HTTP API`,
    }));
}

function findUnknownRoutes(template: Template): readonly Finding[] {
  const known = new Set(
    resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(([, { RouteKey }]) => RouteKey),
  );
  return resourcesOf(template, 'AWS::ApiGatewayV2::Stage').flatMap(([resource, { RouteSettings }]) =>
    Object.keys(objectOf(RouteSettings))
      .filter((key) => !known.has(key))
      .map((key) => ({ resource, what: `throttles "${key}", which is no route` })),
  );
}

function findOverReserved(template: Template): readonly Finding[] {
  const reserved = resourcesOf(template, 'AWS::Lambda::Function').map(
    ([, { ReservedConcurrentExecutions }]) => numberOf(ReservedConcurrentExecutions) ?? 0,
  );
  const sum = reserved.reduce((a, b) => a + b, 0);
  return sum > reservedMax
    ? [{ resource: 'Functions', what: `reserve ${sum}; ${reservedMax} are left` }]
    : [];
}

const nameTooLong = (name: unknown, max: number): string | undefined =>
  typeof name === 'string' && name.length > max ? `"${name}" has more than ${max} characters` : undefined;

export const apiRules: readonly Rule[] = [
  propertyRule(
    'function-variables',
    'Variables of a function have at most 4 KB in all (AWS Lambda quotas).',
    'AWS::Lambda::Function',
    tooLarge,
  ),
  propertyRule(
    'function-name',
    'Names of functions have at most 64 characters (AWS Lambda API, FunctionName).',
    'AWS::Lambda::Function',
    ({ FunctionName }) => nameTooLong(FunctionName, 64),
  ),
  {
    id: 'function-behind-api',
    why: 'An HTTP API waits 30 s (Amazon API Gateway quotas): a slower function is paid for and not heard.',
    find: findSlowIntegrations,
  },
  {
    id: 'reserved-concurrency',
    why: 'At least 100 of an account stay unreserved (AWS Lambda guide, "Reserved concurrency").',
    find: findOverReserved,
  },
  {
    id: 'throttled-routes-exist',
    why: 'A stage with settings for a route that is not there is refused (Amazon API Gateway, CreateStage).',
    find: findUnknownRoutes,
  },
  propertyRule(
    'schedule-retries',
    'Retries 0 to 185, for 60 s to a day (EventBridge Scheduler API, RetryPolicy).',
    'AWS::Scheduler::Schedule',
    ({ Target }) => {
      const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = objectOf(objectOf(Target)['RetryPolicy']);
      return (
        outOfRange('MaximumRetryAttempts', MaximumRetryAttempts, 0, 185) ??
        outOfRange('MaximumEventAgeInSeconds', MaximumEventAgeInSeconds, 60, 86_400)
      );
    },
  ),
  propertyRule(
    'schedule-expression',
    'at(…), rate(…) or cron(…) with six fields (EventBridge Scheduler guide, "Schedule types").',
    'AWS::Scheduler::Schedule',
    ({ ScheduleExpression: expression }) =>
      typeof expression === 'string' &&
      !/^(at\(\S+\)|rate\([1-9]\d* (minute|hour|day)s?\)|cron\(\S+( \S+){5}\))$/.test(expression)
        ? `"${expression}" is none`
        : undefined,
  ),
  propertyRule(
    'queue-retention',
    'A queue keeps messages for a minute to 14 days (Amazon SQS API, MessageRetentionPeriod).',
    'AWS::SQS::Queue',
    ({ MessageRetentionPeriod }) =>
      outOfRange('MessageRetentionPeriod', MessageRetentionPeriod, 60, 1_209_600),
  ),
];
