/** The dashboard as data: a row for each question, in the order in which a responder asks them. */
import { callFailureRate, frameErrorRate } from './alarms/calls.ts';
import { usualCallP95Usd } from './alarms/money.ts';
import { vendorErrorRates } from './alarms/vendors.ts';
import type { Watched } from './props.ts';
import { aws, embedded, lines, plain, type Signal, type Statistic, sumOf } from './signals.ts';

export interface Panel {
  readonly title: string;
  readonly left: readonly Signal[];
  readonly right?: readonly Signal[];
  /** A line that should not be crossed. */
  readonly limit?: { readonly value: number; readonly label: string };
  readonly periodSecs?: number;
}

export interface DashboardRow {
  readonly question: string;
  readonly panels: readonly Panel[];
}

const fiveMinutesSecs = 300;
const daySecs = 86_400;

export function dashboardRows(watched: Watched): readonly DashboardRow[] {
  return [
    callersRow(watched),
    waitingRow,
    vendorsRow,
    httpRow(watched),
    platformRow(watched),
    dataRow(watched),
    moneyRow(watched),
  ];
}

function callersRow({ settings }: Watched): DashboardRow {
  const counted = (label: string, name: 'CallsStarted' | 'CallsCompleted' | 'CallsFailed') =>
    plain(label, embedded(name, 'Sum'));
  return {
    question: 'Are callers served?',
    panels: [
      {
        title: 'Calls per task',
        left: [
          plain('average', embedded('ActiveCalls', 'Average')),
          plain('fullest task', embedded('ActiveCalls', 'Maximum')),
        ],
        limit: { value: settings.callsPerTaskMax, label: 'places' },
      },
      {
        title: 'Calls',
        left: [
          counted('started', 'CallsStarted'),
          counted('ended well', 'CallsCompleted'),
          counted('failed', 'CallsFailed'),
        ],
        periodSecs: fiveMinutesSecs,
      },
      {
        title: 'Failed, %',
        left: [callFailureRate],
        limit: { value: 5, label: 'page' },
        periodSecs: fiveMinutesSecs,
      },
      {
        title: 'Refused and lost',
        left: [
          plain('refused by media', embedded('CallsRefused', 'Sum')),
          plain('refused at the webhook', embedded('CallsRefused', 'Sum', 'api')),
          plain('no place', lines('CallsTurnedAway', 'Sum')),
          plain('lost', lines('CallsLost', 'Sum')),
        ],
        periodSecs: fiveMinutesSecs,
      },
    ],
  };
}

const percentiles = (name: 'ResponseLatencyMs' | 'WebhookMs', service: 'media' | 'api'): Signal[] =>
  (['p50', 'p95', 'p99'] satisfies Statistic[]).map((stat) => plain(stat, embedded(name, stat, service)));

const waitingRow: DashboardRow = {
  question: 'Do they wait?',
  panels: [
    {
      title: 'Response latency, ms',
      left: percentiles('ResponseLatencyMs', 'media'),
      limit: { value: 1_000, label: 'page' },
      periodSecs: fiveMinutesSecs,
    },
    {
      title: 'Its stages, p95, ms',
      left: [
        plain('end of utterance', embedded('EndOfUtteranceDelayMs', 'p95')),
        plain('recogniser', embedded('TranscriptionDelayMs', 'p95')),
        plain('model', embedded('TtftMs', 'p95')),
        plain('speech', embedded('TtfbMs', 'p95')),
        plain('tools', embedded('ToolMs', 'p95')),
      ],
      periodSecs: fiveMinutesSecs,
    },
    {
      title: 'Interruptions and connections, p95, ms',
      left: [
        plain('barge-in', embedded('BargeInMs', 'p95')),
        plain('stream connect', embedded('StreamConnectMs', 'p95')),
      ],
      periodSecs: fiveMinutesSecs,
    },
    {
      title: 'Silences and bad frames',
      left: [plain('silences', embedded('SilenceWatchdog', 'Sum'))],
      right: [frameErrorRate],
      periodSecs: fiveMinutesSecs,
    },
  ],
};

const vendorsRow: DashboardRow = {
  question: 'Is a vendor failing?',
  panels: [
    {
      title: 'Errors, %',
      left: Object.values(vendorErrorRates),
      limit: { value: 5, label: 'page' },
      periodSecs: fiveMinutesSecs,
    },
    {
      title: 'Errors',
      left: [
        plain('recogniser', embedded('SttErrors', 'Sum')),
        plain('speech', embedded('TtsErrors', 'Sum')),
        plain('model', embedded('LlmErrors', 'Sum')),
        plain('tools', embedded('ToolErrors', 'Sum')),
      ],
      periodSecs: fiveMinutesSecs,
    },
    {
      title: 'Refused by a vendor, streams failed at Twilio',
      left: [
        plain('refusals', lines('VendorRefusals', 'Sum')),
        plain('streams', lines('StreamFailures', 'Sum')),
      ],
      periodSecs: fiveMinutesSecs,
    },
  ],
};

function httpRow({ references }: Watched): DashboardRow {
  const api = { ApiId: references.httpApiId };
  const ofFunctions = (metric: string) =>
    Object.entries(references.functionNames).map(([name, FunctionName]) =>
      plain(name, aws('AWS/Lambda', metric, { FunctionName }, 'Sum')),
    );
  return {
    question: 'Do webhooks and the API answer?',
    panels: [
      {
        title: 'Requests',
        left: [plain('all', aws('AWS/ApiGateway', 'Count', api, 'Sum'))],
        right: [
          plain('4xx', aws('AWS/ApiGateway', '4xx', api, 'Sum')),
          plain('5xx', aws('AWS/ApiGateway', '5xx', api, 'Sum')),
        ],
      },
      {
        title: 'Webhooks, ms',
        left: percentiles('WebhookMs', 'api'),
        limit: { value: 500, label: 'ticket' },
        periodSecs: fiveMinutesSecs,
      },
      { title: 'Function errors', left: ofFunctions('Errors'), periodSecs: fiveMinutesSecs },
      { title: 'Function throttles', left: ofFunctions('Throttles'), periodSecs: fiveMinutesSecs },
    ],
  };
}

function platformRow({ references, settings }: Watched): DashboardRow {
  const { loadBalancerFullName, targetGroupFullName, clusterName, serviceName } = references;
  const target = { LoadBalancer: loadBalancerFullName, TargetGroup: targetGroupFullName };
  const service = { ClusterName: clusterName, ServiceName: serviceName };
  return {
    question: 'Do the media tasks keep up?',
    panels: [
      {
        title: 'Tasks',
        left: [
          plain('healthy', aws('AWS/ApplicationELB', 'HealthyHostCount', target, 'Minimum')),
          plain('unhealthy', aws('AWS/ApplicationELB', 'UnHealthyHostCount', target, 'Maximum')),
        ],
        limit: { value: settings.tasksMin, label: 'at least' },
      },
      {
        title: 'CPU and memory, %',
        left: [
          plain('CPU', aws('AWS/ECS', 'CPUUtilization', service, 'Average')),
          plain('memory', aws('AWS/ECS', 'MemoryUtilization', service, 'Maximum')),
        ],
      },
      {
        title: 'Event loop delay, ms',
        left: [plain('slowest task', embedded('EventLoopDelayMs', 'Maximum'))],
        limit: { value: 50, label: 'ticket' },
      },
      {
        title: 'Mistakes of ours',
        left: [
          plain('in calls', lines('CallMistakes', 'Sum')),
          plain('in functions', lines('FunctionFailures', 'Sum')),
        ],
        periodSecs: fiveMinutesSecs,
      },
    ],
  };
}

function dataRow({ references }: Watched): DashboardRow {
  const { tableNames, deadLetterQueueNames, scheduleGroupName } = references;
  const throttles = (metric: string) =>
    Object.values(tableNames).map((TableName) => aws('AWS/DynamoDB', metric, { TableName }, 'Sum'));
  const queues = Object.entries(deadLetterQueueNames).map(([name, QueueName]) =>
    plain(name, aws('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName }, 'Maximum')),
  );
  return {
    question: 'Are tables and jobs well?',
    panels: [
      {
        title: 'Tables',
        left: [
          sumOf('reads throttled', throttles('ReadThrottleEvents')),
          sumOf('writes throttled', throttles('WriteThrottleEvents')),
          plain('failures our code saw', lines('StoreFailures', 'Sum')),
        ],
        periodSecs: fiveMinutesSecs,
      },
      { title: 'Dead letters', left: queues, periodSecs: fiveMinutesSecs },
      {
        title: 'Schedules',
        left: [
          plain(
            'starts',
            aws('AWS/Scheduler', 'InvocationAttemptCount', { ScheduleGroup: scheduleGroupName }, 'Sum'),
          ),
          plain(
            'failed',
            aws('AWS/Scheduler', 'TargetErrorCount', { ScheduleGroup: scheduleGroupName }, 'Sum'),
          ),
        ],
        periodSecs: fiveMinutesSecs,
      },
    ],
  };
}

function moneyRow({ settings }: Watched): DashboardRow {
  return {
    question: 'What does it cost?',
    panels: [
      {
        title: 'Cost per call, $',
        left: [
          plain('p50', lines('CallCostUsd', 'p50')),
          plain('p95', lines('CallCostUsd', 'p95')),
          plain('dearest', lines('CallCostUsd', 'Maximum')),
        ],
        limit: { value: settings.budgets.callP95Usd ?? usualCallP95Usd, label: 'ticket' },
        periodSecs: 3_600,
      },
      {
        title: 'Spent in a day, $',
        left: [plain('calls', lines('CallCostUsd', 'Sum'))],
        limit: { value: settings.budgets.dayUsd, label: 'budget' },
        periodSecs: daySecs,
      },
      {
        title: 'Limits and unknown prices',
        left: [
          plain('limits hit', lines('LimitHits', 'Sum')),
          plain('ended over budget', lines('CallsOverBudget', 'Sum')),
          plain('budgets and quotas', lines('LimitsReached', 'Sum')),
          plain('differences to bills', lines('ReconciliationDifferences', 'Sum')),
          plain('unknown prices', lines('UnknownPrices', 'Sum')),
        ],
        periodSecs: fiveMinutesSecs,
      },
    ],
  };
}
