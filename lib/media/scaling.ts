/** How many tasks: out early, since a new one needs minutes, and in slowly, since a busy one must not go. */
import { Duration } from 'aws-cdk-lib';
import { AdjustmentType, MetricAggregationType } from 'aws-cdk-lib/aws-applicationautoscaling';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import type { StageSettings } from '../settings/schema.ts';

/** Share of a task's calls at which more tasks are started: the rest is for the six minutes that this takes. */
const outAtShare = 0.6;
/** Share below which one task fewer would do. */
const inAtShare = 0.25;
const inAfterMinutes = 15;

/** Each task tells how many calls it has: the average over the tasks is calls per task. */
export const callsPerTask = (stage: string): Metric =>
  new Metric({
    namespace: 'VoiceCenter',
    metricName: 'ActiveCalls',
    dimensionsMap: { service: 'media', stage },
    statistic: Stats.AVERAGE,
    period: Duration.minutes(1),
  });

export function scaleOnCalls(service: FargateService, { stage, capacity }: StageSettings): void {
  const { tasksMin, tasksMax, callsPerTaskMax } = capacity;
  const scaling = service.autoScaleTaskCount({ minCapacity: tasksMin, maxCapacity: tasksMax });
  scaling.scaleToTrackCustomMetric('CallsPerTask', {
    metric: callsPerTask(stage),
    targetValue: callsPerTaskMax * outAtShare,
    disableScaleIn: true,
    scaleOutCooldown: Duration.minutes(2),
  });
  const inAt = callsPerTaskMax * inAtShare;
  scaling.scaleOnMetric('FewCalls', {
    metric: callsPerTask(stage).with({ period: Duration.minutes(5) }),
    adjustmentType: AdjustmentType.CHANGE_IN_CAPACITY,
    metricAggregationType: MetricAggregationType.AVERAGE,
    // The threshold becomes the bound of the step that changes something: at or below it one task goes.
    scalingSteps: [
      { upper: inAt, change: -1 },
      { lower: callsPerTaskMax, change: 0 },
    ],
    evaluationPeriods: inAfterMinutes / 5,
    cooldown: Duration.minutes(inAfterMinutes),
  });
}
