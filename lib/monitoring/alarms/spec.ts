/** One alarm as data. */
import type { MonitoringLevel } from '../props.ts';
import type { Signal } from '../signals.ts';

/** `page`: callers suffer now, somebody is woken. `ticket`: somebody looks at it at work. */
export type Severity = 'page' | 'ticket';

/** What it means that there is no value, and why. */
export interface MissingData {
  readonly as: 'breaching' | 'notBreaching' | 'ignore';
  readonly because: string;
}

interface AlarmBase {
  /** Name of the alarm and of its section in the runbook. */
  readonly id: string;
  /** What is wrong, in one sentence. */
  readonly says: string;
  readonly severity: Severity;
  /** The least level of monitoring that has it. */
  readonly level: MonitoringLevel;
  readonly signal: Signal;
  readonly periodSecs: number;
  /** Fires when this many of the last `periods` breach. */
  readonly breaching: number;
  readonly periods: number;
  readonly missing: MissingData;
}

export interface ThresholdAlarm extends AlarmBase {
  readonly is: '>' | '>=' | '<';
  readonly threshold: number;
}

/** Fires outside of what CloudWatch has learned of the same hour and weekday. */
export interface BandAlarm extends AlarmBase {
  readonly is: 'outside-band';
  readonly bandStdDevs: number;
}

export type AlarmSpec = ThresholdAlarm | BandAlarm;

export const minuteSecs = 60;
export const hourSecs = 3_600;
export const daySecs = 86_400;

export const nothingIsGood: MissingData = {
  as: 'notBreaching',
  because: 'It is counted only when it happens: no value means that it did not.',
};
export const nobodyCalls: MissingData = {
  as: 'notBreaching',
  because: 'Without calls there is nothing to measure; silence of the service has alarms of its own.',
};
export const mustReport: MissingData = {
  as: 'breaching',
  because: 'It is reported without pause: no value is the failure itself.',
};

/** Something that should not happen at all, or not this often within `periodSecs` (five minutes). */
export const counted = (
  spec: Pick<ThresholdAlarm, 'id' | 'says' | 'severity' | 'signal' | 'threshold'> & Partial<ThresholdAlarm>,
): ThresholdAlarm => ({
  level: 'full',
  is: '>=',
  periodSecs: 5 * minuteSecs,
  periods: 1,
  breaching: 1,
  missing: nothingIsGood,
  ...spec,
});
