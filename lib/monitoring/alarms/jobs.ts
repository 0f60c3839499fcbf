/** Scheduled work that must happen: an alarm when it did not. */
import type { Watched } from '../props.ts';
import { aws, computed, lines, plain, type Signal, sumOf } from '../signals.ts';
import { type AlarmSpec, counted, hourSecs, minuteSecs, mustReport } from './spec.ts';

/** Runs that ended well; a job throws when its work was not done. */
function goodRuns(FunctionName: string): Signal {
  return computed('good runs', 'FILL(runs,0)-FILL(errors,0)', {
    runs: aws('AWS/Lambda', 'Invocations', { FunctionName }, 'Sum'),
    errors: aws('AWS/Lambda', 'Errors', { FunctionName }, 'Sum'),
  });
}

/** Of a job that runs once a day: an hour is left for its retries. */
const dayLateHours = 25;

export function jobAlarms({ references, settings }: Watched): readonly AlarmSpec[] {
  const { functionNames, scheduleGroupName } = references;
  const group = { ScheduleGroup: scheduleGroupName };
  const runs = (
    name: string,
    spec: Pick<AlarmSpec, 'id' | 'says' | 'severity' | 'level' | 'periodSecs'> & {
      readonly periods?: number;
    },
  ) => {
    const FunctionName = functionNames[name];
    if (FunctionName === undefined) return [];
    const { periods = 1 } = spec;
    const never = { periods, breaching: periods, is: '<' as const, threshold: 1, missing: mustReport };
    return [{ ...spec, ...never, signal: goodRuns(FunctionName) }];
  };
  return [
    // A parked stage has nobody to answer its rehearsed calls.
    ...(settings.tasksMin === 0
      ? []
      : runs('canary', {
          id: 'canary-failing',
          says: 'For five minutes no rehearsed call got through: health, webhook or stream.',
          severity: 'page',
          level: 'essential',
          periodSecs: 5 * minuteSecs,
        })),
    ...runs('close-stale-calls', {
      id: 'stale-call-job-late',
      says: 'The job that closes dead calls has not succeeded for fifteen minutes: their costs are missing.',
      severity: 'ticket',
      level: 'full',
      periodSecs: 15 * minuteSecs,
    }),
    ...runs('reconcile-costs', {
      id: 'reconciliation-late',
      says: 'Our books have not been compared with the vendors’ for 25 hours.',
      severity: 'ticket',
      level: 'full',
      periodSecs: hourSecs,
      periods: dayLateHours,
    }),
    {
      id: 'rollup-late',
      says: 'The costs of yesterday have not been summed for 25 hours.',
      severity: 'ticket',
      level: 'essential',
      signal: plain('rollups', lines('Rollups', 'Sum')),
      is: '<',
      threshold: 1,
      periodSecs: hourSecs,
      periods: dayLateHours,
      breaching: dayLateHours,
      missing: mustReport,
    },
    counted({
      id: 'schedules-failing',
      says: 'The scheduler could not start a job.',
      severity: 'ticket',
      signal: sumOf('failed starts', [
        aws('AWS/Scheduler', 'TargetErrorCount', group, 'Sum'),
        aws('AWS/Scheduler', 'InvocationDroppedCount', group, 'Sum'),
      ]),
      threshold: 1,
    }),
  ];
}
