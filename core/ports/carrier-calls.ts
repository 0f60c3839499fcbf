import type { CallSid } from '../ids.ts';
import type { CallStatus } from '../records/call-record.ts';

/** One leg of a call, as the carrier's own list has it. */
export interface CarrierCall {
  readonly callSid: CallSid;
  /** Of a leg that was dialled into another call: that call. */
  readonly parentCallSid?: CallSid;
  readonly direction: 'inbound' | 'outbound';
  readonly status: CallStatus;
  /** In clear: not for records or logs. */
  readonly from: string;
  readonly to: string;
  readonly startedAt: Date;
  readonly endedAt?: Date;
  /** Connected time; 0 when nobody answered, or while it goes on. */
  readonly durationSecs: number;
  /** What was charged for the leg's minutes; undefined until the carrier has worked it out. US dollars. */
  readonly priceUsd?: number;
}

/** The calls that the carrier knows of. Makes no retry of its own. */
export interface CarrierCalls {
  /**
   * Legs that began on a UTC day, in pages, in any order. A call that begins or ends meanwhile may be missing.
   * Throws `ProviderError` or `CancelledError`.
   */
  ofDay(day: string, options: { readonly signal: AbortSignal }): AsyncIterable<readonly CarrierCall[]>;
}
