/** What the stage runs on: tasks, tables, queues, certificates. */
import type { Watched } from '../props.ts';
import { aws, embedded, lines, plain, sumOf } from '../signals.ts';
import { type AlarmSpec, counted, daySecs, minuteSecs, mustReport, nobodyCalls } from './spec.ts';

export function platformAlarms(watched: Watched): readonly AlarmSpec[] {
  return [...taskAlarms(watched), ...dataAlarms(watched), certificateAlarm(watched)];
}

function taskAlarms({ settings, references }: Watched): readonly AlarmSpec[] {
  const { loadBalancerFullName, targetGroupFullName, clusterName, serviceName } = references;
  const service = { ClusterName: clusterName, ServiceName: serviceName };
  const target = { LoadBalancer: loadBalancerFullName, TargetGroup: targetGroupFullName };
  const parked: AlarmSpec['missing'] = {
    as: 'notBreaching',
    because: 'A service without tasks uses nothing; missing tasks have an alarm of their own.',
  };
  const counted: readonly AlarmSpec[] =
    settings.tasksMin === 0
      ? []
      : [
          {
            id: 'media-tasks-missing',
            says: 'Fewer media tasks are healthy than there must always be.',
            severity: 'page',
            level: 'full',
            signal: plain('healthy tasks', aws('AWS/ApplicationELB', 'HealthyHostCount', target, 'Minimum')),
            is: '<',
            threshold: settings.tasksMin,
            periodSecs: minuteSecs,
            periods: 5,
            breaching: 5,
            missing: mustReport,
          },
          {
            id: 'media-silent',
            says: 'No media task tells of itself: the other alarms on calls are blind.',
            severity: 'ticket',
            level: 'full',
            signal: plain('signs of life', embedded('ActiveCalls', 'SampleCount')),
            is: '<',
            threshold: 1,
            periodSecs: 5 * minuteSecs,
            periods: 2,
            breaching: 2,
            missing: mustReport,
          },
        ];
  return [
    ...counted,
    {
      id: 'media-cpu',
      says: 'Media tasks use more than 75 % of their processor for fifteen minutes: frames will come late.',
      severity: 'ticket',
      level: 'full',
      signal: plain('CPU, %', aws('AWS/ECS', 'CPUUtilization', service, 'Average')),
      is: '>',
      threshold: 75,
      periodSecs: 5 * minuteSecs,
      periods: 3,
      breaching: 3,
      missing: parked,
    },
    {
      id: 'media-memory',
      says: 'A media task uses more than 80 % of its memory: at 100 % it is killed with its calls.',
      severity: 'ticket',
      level: 'full',
      signal: plain('memory, %', aws('AWS/ECS', 'MemoryUtilization', service, 'Maximum')),
      is: '>',
      threshold: 80,
      periodSecs: 5 * minuteSecs,
      periods: 3,
      breaching: 3,
      missing: parked,
    },
    {
      id: 'event-loop-delay',
      says: 'A media task is behind by 50 ms or more in one moment of a hundred: callers hear gaps.',
      severity: 'ticket',
      level: 'full',
      signal: plain('loop delay, ms', embedded('EventLoopDelayMs', 'Maximum')),
      is: '>=',
      threshold: 50,
      periodSecs: minuteSecs,
      periods: 5,
      breaching: 3,
      missing: nobodyCalls,
    },
  ];
}

function dataAlarms({ references }: Watched): readonly AlarmSpec[] {
  const throttles = Object.values(references.tableNames).flatMap((TableName) => [
    aws('AWS/DynamoDB', 'ReadThrottleEvents', { TableName }, 'Sum'),
    aws('AWS/DynamoDB', 'WriteThrottleEvents', { TableName }, 'Sum'),
  ]);
  const queues = Object.values(references.deadLetterQueueNames).map((QueueName) =>
    aws('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName }, 'Maximum'),
  );
  return [
    counted({
      id: 'table-throttled',
      says: 'Tables refused requests: their cap is reached.',
      severity: 'ticket',
      signal: sumOf('throttled requests', throttles),
      threshold: 10,
    }),
    counted({
      id: 'store-failures',
      says: 'The database failed five times or more within five minutes, as our code saw it.',
      severity: 'page',
      level: 'essential',
      signal: plain('store failures', lines('StoreFailures', 'Sum')),
      threshold: 5,
    }),
    {
      id: 'dead-letters',
      says: 'Something was given up after every attempt and waits in a dead-letter queue.',
      severity: 'ticket',
      level: 'essential',
      signal: sumOf('messages', queues),
      is: '>=',
      threshold: 1,
      periodSecs: 5 * minuteSecs,
      periods: 1,
      breaching: 1,
      missing: { as: 'notBreaching', because: 'SQS stops reporting a queue that nobody has used for hours.' },
    },
  ];
}

function certificateAlarm({ references }: Watched): AlarmSpec {
  const days = references.certificateArns.map((CertificateArn) =>
    aws('AWS/CertificateManager', 'DaysToExpiry', { CertificateArn }, 'Minimum'),
  );
  const ids = days.map((_, i) => `m${i}`);
  const [only] = days;
  return {
    id: 'certificate-expiry',
    says: 'A certificate ends within 30 days and was not renewed: then no call can be answered.',
    severity: 'ticket',
    level: 'full',
    signal:
      days.length === 1 && only
        ? plain('days left', only)
        : {
            label: 'days left',
            expression: `MIN([${ids.join(',')}])`,
            series: Object.fromEntries(days.map((one, i) => [`m${i}`, one])),
          },
    is: '<',
    threshold: 30,
    periodSecs: daySecs,
    periods: 1,
    breaching: 1,
    missing: {
      as: 'ignore',
      because: 'It is reported twice a day; a gap says nothing about the certificate.',
    },
  };
}
