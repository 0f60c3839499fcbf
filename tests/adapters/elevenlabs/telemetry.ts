import type { Telemetry } from '#core/ports/telemetry.ts';

export interface RecordingTelemetry extends Telemetry {
  readonly lines: readonly object[];
  readonly metrics: readonly string[];
}

/** Keeps what it is told. */
export function recordingTelemetry(): RecordingTelemetry {
  const lines: object[] = [];
  const metrics: string[] = [];
  return {
    lines,
    metrics,
    emit: (level, line) => void lines.push({ level, ...line }),
    log: (level, line) => void lines.push({ level, ...line }),
    metric: (name) => void metrics.push(name),
    flush: () => undefined,
  };
}
