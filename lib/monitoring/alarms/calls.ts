/** What callers notice: calls that fail, are refused, wait, or are cut. */
import type { Watched } from '../props.ts';
import { computed, embedded, lines, plain, type Signal, sumOf } from '../signals.ts';
import { type AlarmSpec, counted, hourSecs, minuteSecs, nobodyCalls } from './spec.ts';

const endings = {
  failed: embedded('CallsFailed', 'Sum'),
  /** Calls whose process died, closed by the job. */
  lost: embedded('CallsFailed', 'Sum', 'api'),
  completed: embedded('CallsCompleted', 'Sum'),
} as const;
const failedCalls = 'FILL(failed,0)+FILL(lost,0)';
const failedShare = `100*(${failedCalls})/(${failedCalls}+FILL(completed,0))`;

/** One failed call of three is no rate: the share counts from the second failure on. */
export const callFailureRate: Signal = computed(
  'failed calls, %',
  `IF(${failedCalls} >= 2, ${failedShare}, 0)`,
  endings,
);
export const callSuccessRate: Signal = computed(
  'calls that ended well, %',
  `IF(${failedCalls} >= 2, 100-${failedShare}, 100)`,
  endings,
);
export const frameErrorRate: Signal = computed(
  'unusable frames, %',
  'IF(FILL(frames,0) > 0, 100*FILL(badFrames,0)/frames, 0)',
  { badFrames: embedded('FrameErrors', 'Sum'), frames: embedded('FramesReceived', 'Sum') },
);
/** Every task tells its own number, so the average is what each of them carries. */
const callsPerTask: Signal = plain('calls per task', embedded('ActiveCalls', 'Average'));

const capacityShare = 0.8;

export function callAlarms(watched: Watched): readonly AlarmSpec[] {
  return [...endingAlarms, ...admissionAlarms(watched), ...waitingAlarms];
}

const endingAlarms: readonly AlarmSpec[] = [
  {
    id: 'call-failure-rate',
    says: 'More than 5 % of the calls of five minutes failed.',
    severity: 'page',
    level: 'essential',
    signal: callFailureRate,
    is: '>',
    threshold: 5,
    periodSecs: 5 * minuteSecs,
    periods: 1,
    breaching: 1,
    missing: nobodyCalls,
  },
  {
    id: 'call-success-rate',
    says: 'Less than 95 % of the calls of an hour ended well.',
    severity: 'ticket',
    level: 'full',
    signal: callSuccessRate,
    is: '<',
    threshold: 95,
    periodSecs: hourSecs,
    periods: 1,
    breaching: 1,
    missing: nobodyCalls,
  },
  counted({
    id: 'calls-lost',
    says: 'The process of a call died, and the job had to close the call.',
    severity: 'ticket',
    signal: plain('calls lost', lines('CallsLost', 'Sum')),
    threshold: 1,
  }),
  counted({
    id: 'call-mistakes',
    says: 'Code of ours threw during a call.',
    severity: 'ticket',
    signal: plain('mistakes', lines('CallMistakes', 'Sum')),
    threshold: 1,
  }),
  counted({
    id: 'crisis-unreported',
    says: 'A caller was in danger and the report to the people in charge failed.',
    severity: 'page',
    signal: plain('crises unreported', lines('CrisesUnreported', 'Sum')),
    threshold: 1,
    periodSecs: minuteSecs,
  }),
];

function admissionAlarms({ settings }: Watched): readonly AlarmSpec[] {
  return [
    {
      id: 'active-calls-near-capacity',
      says: 'Tasks carry more than 80 % of the calls they may, for five minutes: scaling does not keep up.',
      severity: 'page',
      level: 'full',
      signal: callsPerTask,
      is: '>',
      threshold: capacityShare * settings.callsPerTaskMax,
      periodSecs: minuteSecs,
      periods: 5,
      breaching: 5,
      missing: nobodyCalls,
    },
    counted({
      id: 'calls-turned-away',
      says: 'A caller was turned away because every place was taken.',
      severity: 'page',
      signal: plain('calls turned away', lines('CallsTurnedAway', 'Sum')),
      threshold: 1,
    }),
    counted({
      id: 'calls-refused',
      says: 'Twenty calls or more were refused in five minutes, for whatever reason.',
      severity: 'ticket',
      signal: sumOf('calls refused', [
        embedded('CallsRefused', 'Sum', 'media'),
        embedded('CallsRefused', 'Sum', 'api'),
      ]),
      threshold: 20,
    }),
    {
      id: 'unusual-call-volume',
      says: 'Far more or far fewer calls start than at this hour of other weeks.',
      severity: 'ticket',
      level: 'full',
      signal: plain('calls started', embedded('CallsStarted', 'Sum')),
      is: 'outside-band',
      bandStdDevs: 4,
      periodSecs: 15 * minuteSecs,
      periods: 2,
      breaching: 2,
      missing: { as: 'ignore', because: 'Hours without calls are usual; the band learns how many come.' },
    },
  ];
}

const waitingAlarms: readonly AlarmSpec[] = [
  {
    id: 'response-latency',
    says: 'One answer of twenty takes longer than a second, for ten minutes.',
    severity: 'page',
    level: 'full',
    signal: plain('response latency p95, ms', embedded('ResponseLatencyMs', 'p95')),
    is: '>',
    threshold: 1_000,
    periodSecs: 5 * minuteSecs,
    periods: 2,
    breaching: 2,
    missing: nobodyCalls,
  },
  counted({
    id: 'silence-watchdog',
    says: 'A caller waited more than three seconds without a sound.',
    severity: 'ticket',
    signal: plain('silences', embedded('SilenceWatchdog', 'Sum')),
    threshold: 1,
  }),
  {
    id: 'stream-connect-time',
    says: 'One stream of twenty needs more than a second from its connection to its first message.',
    severity: 'ticket',
    level: 'full',
    signal: plain('stream connect p95, ms', embedded('StreamConnectMs', 'p95')),
    is: '>',
    threshold: 1_000,
    periodSecs: 5 * minuteSecs,
    periods: 3,
    breaching: 3,
    missing: nobodyCalls,
  },
  counted({
    id: 'stream-failures',
    says: 'Twilio could not hold three streams or more within five minutes.',
    severity: 'page',
    signal: plain('streams failed', lines('StreamFailures', 'Sum')),
    threshold: 3,
  }),
  {
    id: 'frame-errors',
    says: 'More than 1 % of the frames of fifteen minutes could not be used.',
    severity: 'ticket',
    level: 'full',
    signal: frameErrorRate,
    is: '>',
    threshold: 1,
    periodSecs: 15 * minuteSecs,
    periods: 1,
    breaching: 1,
    missing: nobodyCalls,
  },
];
