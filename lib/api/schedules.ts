/** Jobs by the clock: a group a stage, three tries within an hour, and a queue for what was never delivered. */
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { functionName, scheduleGroupName } from '../names.ts';
import type { StageSettings } from '../settings/schema.ts';
import type { FunctionSpec } from './functions.ts';
import { constructId } from './make-function.ts';

/** Without them the Scheduler tries 185 times in a day. */
const retries = 3;
const ageSecs = 3_600;

export interface ScheduleParts {
  readonly settings: StageSettings;
  readonly specs: readonly FunctionSpec[];
  readonly functions: ReadonlyMap<string, IFunction>;
  readonly undelivered: IQueue;
}

export function makeSchedules(
  scope: Construct,
  { settings, specs, functions, undelivered }: ScheduleParts,
): void {
  const { stage, media } = settings;
  const isParked = media.tasks.max === 0;
  const group = new CfnScheduleGroup(scope, 'Schedules', { name: scheduleGroupName(stage) });
  const role = new Role(scope, 'SchedulerRole', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com'),
  });
  role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [undelivered.queueArn] }));
  for (const { name, schedule } of specs) {
    const job = functions.get(name);
    if (schedule === undefined || job === undefined) continue;
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [job.functionArn] }),
    );
    const made = new CfnSchedule(scope, `${constructId(name)}Schedule`, {
      name: functionName(stage, name),
      groupName: scheduleGroupName(stage),
      state: isParked && schedule.needsMedia ? 'DISABLED' : 'ENABLED',
      scheduleExpression: schedule.expression,
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow:
        schedule.flexibleMinutes === 0
          ? { mode: 'OFF' }
          : { mode: 'FLEXIBLE', maximumWindowInMinutes: schedule.flexibleMinutes },
      target: {
        arn: job.functionArn,
        roleArn: role.roleArn,
        input: '{}',
        retryPolicy: { maximumRetryAttempts: retries, maximumEventAgeInSeconds: ageSecs },
        deadLetterConfig: { arn: undelivered.queueArn },
      },
    });
    made.addResourceDependency(group);
    // The role's policy must be there before the schedule is checked against it.
    made.node.addDependency(role);
  }
}
