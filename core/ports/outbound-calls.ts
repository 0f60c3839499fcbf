import type { CallSid } from '../ids.ts';
import type { CallStatus } from '../records/call-record.ts';

export interface OutboundCall {
  /** E.164. */
  readonly to: string;
  readonly from: string;
  /** Asked for instructions when somebody answers. */
  readonly answerUrl: string;
  readonly statusCallbackUrl: string;
  readonly ringSecs: number;
  readonly timeLimitSecs: number;
  /** `end-of-greeting` waits for the beep. */
  readonly machineDetection?: { readonly until: 'known' | 'end-of-greeting'; readonly callbackUrl: string };
}

/** Why the carrier will not call a number, whoever asks. */
export type DestinationRefusal =
  | 'not-valid'
  | 'unreachable'
  | 'country-not-permitted'
  | 'blocked-by-carrier'
  | 'not-verified';

export type PlaceOutcome =
  | { readonly did: 'placed'; readonly callSid: CallSid; readonly status: CallStatus }
  | { readonly did: 'refused'; readonly why: DestinationRefusal; readonly code: string }
  /** The request went out and no answer came back: there may be a call. */
  | { readonly did: 'unclear' };

export interface FoundCall {
  readonly callSid: CallSid;
  readonly status: CallStatus;
  readonly createdAt: Date;
}

/**
 * The carrier's side of calls that we place. It knows no idempotency: a repeated request is a second call.
 * Methods throw `ProviderError` (`twilio`) for failures after which certainly no call exists.
 */
export interface OutboundCalls {
  place(call: OutboundCall, options: { readonly signal: AbortSignal }): Promise<PlaceOutcome>;
  /** Calls from us to that number which the carrier has taken since then, newest first. */
  recent(
    query: { readonly to: string; readonly from: string; readonly since: Date },
    options: { readonly signal: AbortSignal },
  ): Promise<readonly FoundCall[]>;
}
