import type { Conduct } from '../abuse/conduct.ts';
import type { CallSid } from '../ids.ts';
import type { CallRecord } from '../records/call-record.ts';

/** What is known of a call that comes in, and of its caller. */
export interface KnownCaller {
  readonly isBlocked: boolean;
  /** Undefined: nothing is known of the caller. */
  readonly conduct: Conduct | undefined;
  /** Undefined: the call is new. */
  readonly record: CallRecord | undefined;
}

/** The block list, the callers' conduct and the records, read in one request while a caller waits. */
export interface CallerLookup {
  /** Throws `ProviderError`. */
  find(call: { readonly callSid: CallSid; readonly callerHash: string }): Promise<KnownCaller>;
}
