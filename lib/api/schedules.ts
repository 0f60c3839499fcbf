/** When the jobs of a stage run. Delivery is at least once: every job may run twice. */
import { Duration, TimeZone } from 'aws-cdk-lib';
import { Schedule, ScheduleExpression, ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { StageSettings } from '../settings/schema.ts';
import { functionSpec, type JobName } from './function-table.ts';
import type { StageFunction } from './functions.ts';

const every = (minutes: number) => ScheduleExpression.rate(Duration.minutes(minutes));
const daily = (hour: string) => ScheduleExpression.cron({ hour, minute: '0', timeZone: TimeZone.ETC_UTC });

const times: Readonly<Record<JobName, ScheduleExpression>> = {
  'close-stale-calls': every(5),
  'roll-up-costs': daily('6'),
  // After the rollup, and late: the vendors' figures of the day before come hours after midnight. What comes later
  // still is taken in by the next run, which looks at two days, and adds up again what it has changed.
  'reconcile-costs': daily('8'),
  canary: every(1),
};

/** A job that cannot be started within the hour is not worth starting: the next one does its work. */
const retries = { attempts: 3, maxAgeHours: 1 } as const;

export function makeSchedules(
  scope: Construct,
  options: {
    readonly settings: StageSettings;
    readonly functions: ReadonlyMap<string, StageFunction>;
    readonly undelivered: Queue;
  },
): ScheduleGroup {
  const { settings, functions, undelivered } = options;
  const group = new ScheduleGroup(scope, 'Schedules', { scheduleGroupName: `voice-${settings.stage}` });
  for (const [name, schedule] of Object.entries(times)) {
    // Where no task has to run, nobody answers the canary's stream, and no alarm listens to it.
    if (name === 'canary' && settings.capacity.tasksMin === 0) continue;
    const job = functions.get(name);
    if (!job) throw new Error(`The schedule ${name} has no function`);
    new Schedule(scope, `${name}-schedule`, {
      schedule,
      scheduleGroup: group,
      description: `Voice center ${settings.stage}: ${name}`,
      target: new LambdaInvoke(job.function, {
        retryAttempts: functionSpec(name).onceOnly ? 0 : retries.attempts,
        maxEventAge: Duration.hours(retries.maxAgeHours),
        deadLetterQueue: undelivered,
      }),
    });
  }
  return group;
}
