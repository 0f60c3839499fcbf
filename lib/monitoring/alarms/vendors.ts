/** Who we depend on during a call: recogniser, speech, model, tools. */
import type { MetricName } from '#core/ports/telemetry.ts';
import { computed, embedded, lines, plain, type Signal } from '../signals.ts';
import { type AlarmSpec, counted, minuteSecs, nobodyCalls, type Severity } from './spec.ts';

/** Failures in a window below which a share says nothing. */
const failuresMin = 5;

/** A stage's latency is told once for each success, so its samples are the successes. */
function errorRate(vendor: string, errors: MetricName, latency: MetricName): Signal {
  const [failed, worked] = [`${vendor}Failed`, `${vendor}Worked`];
  const share = `100*FILL(${failed},0)/(FILL(${failed},0)+FILL(${worked},0))`;
  return computed(`${vendor} errors, %`, `IF(FILL(${failed},0) >= ${failuresMin}, ${share}, 0)`, {
    [failed]: embedded(errors, 'Sum'),
    [worked]: embedded(latency, 'SampleCount'),
  });
}

export const vendorErrorRates = {
  recogniser: errorRate('recogniser', 'SttErrors', 'TranscriptionDelayMs'),
  speech: errorRate('speech', 'TtsErrors', 'TtfbMs'),
  model: errorRate('model', 'LlmErrors', 'TtftMs'),
  tools: errorRate('tool', 'ToolErrors', 'ToolMs'),
} as const;

const vendorAlarm = (id: string, says: string, severity: Severity, signal: Signal): AlarmSpec => ({
  id,
  says,
  severity,
  level: 'full',
  signal,
  is: '>',
  threshold: 5,
  periodSecs: 5 * minuteSecs,
  periods: 2,
  breaching: 2,
  missing: nobodyCalls,
});

export const vendorAlarms: readonly AlarmSpec[] = [
  vendorAlarm(
    'recogniser-errors',
    'The recogniser fails more than 5 % of the time: callers are not understood.',
    'page',
    vendorErrorRates.recogniser,
  ),
  vendorAlarm(
    'speech-errors',
    'Speech fails more than 5 % of the time: callers hear fixed phrases or the carrier.',
    'page',
    vendorErrorRates.speech,
  ),
  vendorAlarm(
    'model-errors',
    'The model fails more than 5 % of the time, fallback included: callers hear fixed phrases.',
    'page',
    vendorErrorRates.model,
  ),
  vendorAlarm(
    'tool-errors',
    'Tools fail more than 5 % of the time: callers get answers without facts.',
    'ticket',
    vendorErrorRates.tools,
  ),
  counted({
    id: 'vendor-refusals',
    says: 'A vendor does not accept our credentials or our account: key revoked, quota used up, payment due.',
    severity: 'page',
    signal: plain('refusals', lines('VendorRefusals', 'Sum')),
    threshold: 3,
  }),
];
