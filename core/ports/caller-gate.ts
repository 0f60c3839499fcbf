import type { Conduct } from '../abuse/conduct.ts';
import type { CallSid } from '../ids.ts';
import type { RateDecision, RateRule } from '../rate-limits/sliding-window.ts';
import type { BlockList } from './block-list.ts';

export interface KnockingCall {
  readonly callSid: CallSid;
  readonly callerHash: string;
}

export type Knock =
  /** On the block list. */
  | { readonly kind: 'blocked' }
  /** The last call of this caller knocks again, as a repeated webhook does: it is not counted twice. */
  | { readonly kind: 'repeated'; readonly conduct: Conduct | undefined }
  /** For misconduct. Not counted: when it is over the caller has the whole limit. */
  | { readonly kind: 'shut-out'; readonly conduct: Conduct }
  /** Over the limit where the decision says so. @param conduct undefined: nothing is known of the caller. */
  | { readonly kind: 'counted'; readonly conduct: Conduct | undefined; readonly decision: RateDecision };

/** What is known of a caller is looked up, and the call counted against the caller's limit, in one request. */
export interface CallerGate extends BlockList {
  /** Throws `ProviderError`. */
  knock(call: KnockingCall, rule: RateRule): Promise<Knock>;
}
