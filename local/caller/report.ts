import type { CallLedger } from '../twilio/ledger.ts';

/** One thing that happened, on the caller's clock: milliseconds since dialling. */
export interface CallerEvent {
  readonly atMs: number;
  readonly who: 'caller' | 'assistant' | 'line';
  readonly what:
    | 'says'
    | 'interrupts'
    | 'coughs'
    | 'presses'
    | 'hangs-up'
    | 'begins'
    | 'ends'
    | 'announces'
    | 'happens'
    | 'misses';
  /** The caller's words, or what happened. What the assistant said stands in the call's record. */
  readonly text: string;
  /** Of a reply that begins: since the end of the caller's words. */
  readonly latencyMs?: number;
}

/** What one simulated call came to. */
export interface CallReport {
  readonly callSid: string | undefined;
  /** Twilio's final status. */
  readonly status: string;
  readonly ledger: CallLedger;
  readonly events: readonly CallerEvent[];
  /** As the caller's ear has it, in steps of 20 ms: from the end of their words to the first sound after them. */
  readonly replyLatenciesMs: readonly number[];
  /** From the first sound of an interruption to the end of what it interrupted. */
  readonly bargeInsMs: readonly number[];
  readonly repliesExpected: number;
  readonly repliesHeard: number;
  /** Answer to end. */
  readonly durationMs: number;
  /** µ-law from the answer on, on one clock; empty when the call was not kept. */
  readonly spoken: Uint8Array;
  readonly heard: Uint8Array;
}
