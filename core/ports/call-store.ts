import type { CostEvent } from '../costs/cost-event.ts';
import type { CallSid } from '../ids.ts';
import type {
  CallEnding,
  CallRecord,
  CallRecordChange,
  CallStatus,
  CostSummary,
  Direction,
} from '../records/call-record.ts';
import type { TurnRecord } from '../records/turn-record.ts';

/** All that is given must hold. */
export interface CallFilter {
  readonly role?: string;
  readonly status?: CallStatus;
  readonly direction?: Direction;
  /** Started then or later. */
  readonly from?: Date;
  /** Started before. */
  readonly to?: Date;
}

export interface CallQuery {
  readonly index:
    | { readonly by: 'day' }
    | { readonly by: 'role'; readonly role: string }
    | { readonly by: 'status'; readonly status: CallStatus };
  readonly filter?: CallFilter;
  /** 1 to 100. */
  readonly limit: number;
  /** Where the previous page of the same index and filter ended: opaque, made by the store. */
  readonly cursor?: string;
}

export interface CallPage {
  readonly items: readonly CallRecord[];
  readonly cursor?: string;
}

/** Every call, its turns and its cost events. Methods throw `ProviderError` (`dynamodb`). */
export interface CallStore {
  /** @returns false when a record of this call exists already; it is left as it is. */
  create(record: CallRecord): Promise<boolean>;
  find(callSid: CallSid): Promise<CallRecord | undefined>;
  /** Changes some fields of an existing record. @returns false when there is none. */
  update(callSid: CallSid, change: CallRecordChange): Promise<boolean>;
  /**
   * Applies a status from a status callback unless a later one (higher `sequence`, or a final status) was applied.
   * @returns whether it was applied.
   */
  applyStatus(
    callSid: CallSid,
    status: CallStatus,
    options: { readonly sequence: number; readonly at: Date; readonly durationSecs?: number },
  ): Promise<boolean>;
  /**
   * Ends the call once: writes ending and cost summary if no summary was written before.
   * @returns true for the one caller who ended it, who then writes the `cost.call.summary` line.
   */
  finish(callSid: CallSid, ending: CallEnding): Promise<boolean>;
  /** Changes the cost summary of a call that has one. @returns false when there is none. */
  reviseSummary(callSid: CallSid, costSummary: CostSummary): Promise<boolean>;
  /** Idempotent per turn number. */
  putTurn(callSid: CallSid, turn: TurnRecord): Promise<void>;
  turns(callSid: CallSid): Promise<readonly TurnRecord[]>;
  /** Idempotent per `(callSid, seq)`. */
  putCostEvents(events: readonly CostEvent[]): Promise<void>;
  costEvents(callSid: CallSid): Promise<readonly CostEvent[]>;
  /** Newest first. Expired records are never returned. */
  list(query: CallQuery): Promise<CallPage>;
  /** Calls not ended whose last sign of life is before `aliveBefore`. */
  listStale(options: { readonly aliveBefore: Date; readonly limit: number }): Promise<readonly CallRecord[]>;
  /** Removes record, turns and cost events. @returns false when there was no record. */
  delete(callSid: CallSid): Promise<boolean>;
}
