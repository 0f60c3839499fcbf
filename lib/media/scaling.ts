/** How many tasks: one more as soon as they fill, one less only after a quiet quarter of an hour. */
import { Duration } from 'aws-cdk-lib';
import { AdjustmentType } from 'aws-cdk-lib/aws-applicationautoscaling';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import { metricsNamespace } from '#core/telemetry/metrics.ts';
import type { StageSettings } from '../settings/schema.ts';

/** A new task takes calls after about six minutes (decision, start, health checks): so much must be free. */
const fullShare = 0.6;
/** Well below: after one task went, the others stay under `fullShare`. */
const emptyShare = 0.25;
const quietMinutes = 15;

export function scaleTasks(service: FargateService, { stage, media }: StageSettings): void {
  const { tasks, callsPerTask } = media;
  if (tasks.max === tasks.min) return;
  /** Each task tells its calls twice a minute, so the average of a minute is calls per task. */
  const callsOfATask = new Metric({
    namespace: metricsNamespace,
    metricName: 'ActiveCalls',
    dimensionsMap: { service: 'media', stage },
    statistic: 'Average',
    period: Duration.minutes(1),
  });
  const scaling = service.autoScaleTaskCount({ minCapacity: tasks.min, maxCapacity: tasks.max });
  scaling.scaleToTrackCustomMetric('Out', {
    metric: callsOfATask,
    targetValue: Math.max(1, Math.floor(callsPerTask * fullShare)),
    disableScaleIn: true,
    scaleOutCooldown: Duration.minutes(2),
  });
  const low = Math.floor(callsPerTask * emptyShare);
  scaling.scaleOnMetric('In', {
    metric: callsOfATask,
    adjustmentType: AdjustmentType.CHANGE_IN_CAPACITY,
    scalingSteps: [
      { upper: low, change: -1 },
      { lower: low, change: 0 },
    ],
    evaluationPeriods: quietMinutes,
    datapointsToAlarm: quietMinutes,
    cooldown: Duration.minutes(quietMinutes),
  });
}
