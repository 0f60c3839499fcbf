import type { ContractLine, FreeLine } from '../telemetry/log-lines.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** Metrics by service and stage, never by call. Units follow the name. */
export type MetricName =
  | 'ActiveCalls'
  | 'CallsStarted'
  | 'CallsCompleted'
  | 'CallsFailed'
  | 'CallsRefused'
  | 'CallsResumed'
  | 'StreamConnectMs'
  | 'WebhookMs'
  | 'SttErrors'
  | 'TtsErrors'
  | 'LlmErrors'
  | 'ToolErrors'
  | 'FrameErrors'
  | 'FramesReceived'
  | 'SilenceWatchdog'
  | 'EventLoopDelayMs'
  | 'EndOfUtteranceDelayMs'
  | 'TranscriptionDelayMs'
  | 'TtftMs'
  | 'TtfbMs'
  | 'ResponseLatencyMs'
  | 'FillerLatencyMs'
  | 'ToolMs'
  | 'BargeInMs';

/** What operators see. Fails open: no method throws or waits. */
export interface Telemetry {
  /** A line of the contract. */
  emit(level: Level, line: ContractLine): void;
  /** Any other line. Fields hold no caller's words, full numbers or secrets. */
  log(level: Level, line: FreeLine): void;
  /** Adds a value to a metric; written in batches. */
  metric(name: MetricName, value: number): void;
  /** Writes what is pending. */
  flush(): void;
}
