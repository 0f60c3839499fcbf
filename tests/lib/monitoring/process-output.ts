/** What a process writes: JSON lines of the real telemetry, as CloudWatch gets them. */
import { createTelemetry } from '#adapters/logging/telemetry.ts';
import { systemClock } from '#adapters/system-clock/clock.ts';
import type { MetricName, Telemetry } from '#core/ports/telemetry.ts';
import type { ServiceName } from '#core/telemetry/metrics.ts';

export type WrittenLine = Readonly<Record<string, unknown>>;

export interface ProcessOutput {
  readonly telemetry: Telemetry;
  readonly lines: readonly WrittenLine[];
  /** Takes a line that was written without the telemetry. */
  write(line: string): void;
  /** Names of the metrics in the embedded events so far. */
  metrics(): ReadonlySet<string>;
}

export function createProcessOutput(service: ServiceName, stage: string): ProcessOutput {
  const lines: WrittenLine[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line));
  const telemetry = createTelemetry({
    service,
    stage,
    version: '1.2.3',
    minLevel: 'info',
    write,
    // Nobody waits half a minute for the timer: metrics are flushed when they are asked for.
    clock: { ...systemClock, setTimer: () => () => undefined },
  });
  return {
    telemetry,
    lines,
    write,
    metrics() {
      telemetry.flush();
      return new Set(lines.flatMap((line) => embeddedNames(line, service, stage)));
    },
  };
}

/** The metrics that CloudWatch takes out of a line, if it does so under the dimensions that alarms look at. */
function embeddedNames(line: WrittenLine, service: string, stage: string): MetricName[] {
  const event = line['_aws'] as
    | {
        readonly CloudWatchMetrics: readonly {
          readonly Namespace: string;
          readonly Dimensions: readonly (readonly string[])[];
          readonly Metrics: readonly { readonly Name: MetricName }[];
        }[];
      }
    | undefined;
  if (line['service'] !== service || line['stage'] !== stage) return [];
  return (event?.CloudWatchMetrics ?? [])
    .filter(
      ({ Namespace, Dimensions }) => Namespace === 'VoiceCenter' && String(Dimensions) === 'service,stage',
    )
    .flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));
}
