/** Alarms from data to constructs. */
import {
  Alarm,
  AlarmRule,
  AnomalyDetectionAlarm,
  ComparisonOperator,
  CompositeAlarm,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Construct } from 'constructs';
import { alarmsOf, composites } from './alarms/index.ts';
import type { AlarmSpec, MissingData, ThresholdAlarm } from './alarms/spec.ts';
import type { MonitoringSettings, Watched } from './props.ts';
import { signalMetric } from './signals.ts';
import type { Topics } from './topics.ts';

const comparisons: Record<ThresholdAlarm['is'], ComparisonOperator> = {
  '>': ComparisonOperator.GREATER_THAN_THRESHOLD,
  '>=': ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  '<': ComparisonOperator.LESS_THAN_THRESHOLD,
};

const missingData: Record<MissingData['as'], TreatMissingData> = {
  breaching: TreatMissingData.BREACHING,
  notBreaching: TreatMissingData.NOT_BREACHING,
  ignore: TreatMissingData.IGNORE,
};

const describe = (says: string, id: string, { runbookUrl }: MonitoringSettings) =>
  `${says}\n\nRunbook: ${runbookUrl}#${id}`;

const nameOf = (id: string, { stage }: MonitoringSettings) => `voice-center-${stage}-${id}`;

/** `response-latency` becomes `ResponseLatency`. */
const constructId = (id: string) => id.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

function makeAlarm(scope: Construct, spec: AlarmSpec, settings: MonitoringSettings): Alarm {
  const common = {
    alarmName: nameOf(spec.id, settings),
    alarmDescription: describe(`${spec.says} No value: ${spec.missing.because}`, spec.id, settings),
    metric: signalMetric(spec.signal, settings.stage, spec.periodSecs),
    evaluationPeriods: spec.periods,
    datapointsToAlarm: spec.breaching,
    treatMissingData: missingData[spec.missing.as],
  };
  if (spec.is === 'outside-band')
    return new AnomalyDetectionAlarm(scope, constructId(spec.id), { ...common, stdDevs: spec.bandStdDevs });
  return new Alarm(scope, constructId(spec.id), {
    ...common,
    threshold: spec.threshold,
    comparisonOperator: comparisons[spec.is],
  });
}

/** @returns every alarm by its id. */
export function makeAlarms(scope: Construct, watched: Watched, topics: Topics): ReadonlyMap<string, Alarm> {
  const { settings } = watched;
  const specs = alarmsOf(watched);
  const alarms = new Map(specs.map((spec) => [spec.id, makeAlarm(scope, spec, settings)]));
  const covered = new Set<string>();
  if (settings.monitoring === 'full') {
    const topic = new SnsAction(topics.page);
    for (const { id, says, anyOf } of composites) {
      const members = anyOf.flatMap((member) => alarms.get(member) ?? []);
      const composite = new CompositeAlarm(scope, constructId(id), {
        compositeAlarmName: nameOf(id, settings),
        alarmDescription: describe(says, id, settings),
        alarmRule: AlarmRule.anyOf(...members),
      });
      composite.addAlarmAction(topic);
      composite.addOkAction(topic);
      for (const member of anyOf) covered.add(member);
    }
  }
  for (const { id, severity } of specs) {
    const action = new SnsAction(topics[covered.has(id) ? 'ticket' : severity]);
    alarms.get(id)?.addAlarmAction(action);
    alarms.get(id)?.addOkAction(action);
  }
  return alarms;
}
