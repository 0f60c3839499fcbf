import type { CallSid } from '../ids.ts';

/** The carrier's control side: calls placed, changed and ended. Every method throws `ProviderError`. */
export interface Telephony {
  /** Ends the call; a call that is over already is a success. */
  hangUp(callSid: CallSid, options: { readonly signal: AbortSignal }): Promise<void>;
  /** Replaces the instructions of a live call; cuts a running stream and its buffered audio at once. */
  redirect(callSid: CallSid, twiml: string, options: { readonly signal: AbortSignal }): Promise<void>;
}
