import type { Quota, Reconciliation } from '../costs/reconcile.ts';
import type {
  Contribution,
  CostTotals,
  DimensionKind,
  NamedTotals,
  TotalsByDimension,
  TotalsPages,
} from '../costs/totals.ts';
import type { CallRecord } from '../records/call-record.ts';

/** `2026-11-21` or `2026-11`. */
export type CostPeriod = string;

/** That a day was added up, and from what. */
export interface RollupNote {
  readonly day: string;
  readonly at: string;
  /** False while the day was not over. */
  readonly complete: boolean;
  readonly calls: number;
  /** The dearest calls of the day, dearest first. */
  readonly top: readonly TopCall[];
}

/** That a month was added up from its days, as they were at that time. */
export interface MonthNote {
  readonly month: string;
  readonly at: string;
}

export interface TopCall {
  readonly callSid: string;
  readonly role: string;
  readonly costUsd: number;
  readonly durationSecs: number;
}

/** What calls cost by day and month. Methods throw `ProviderError` (`dynamodb`). */
export interface CostStore {
  /**
   * Calls that began on a day, oldest first, in pages.
   * @param from a time in ISO 8601 to begin at.
   */
  callsBegun(day: string, from?: string): AsyncIterable<readonly CallRecord[]>;
  /** Remembers what a call added to a day whose record is about to be removed: daily totals stay. */
  keepRemoved(day: string, contribution: Contribution): Promise<void>;
  removed(day: string): Promise<readonly Contribution[]>;
  /**
   * Takes the place of whatever totals the period had; only what has changed is written. A run that is cut off leaves
   * some of the new and some of the old, and is repeated from its start.
   */
  replaceTotals(period: CostPeriod, totals: TotalsByDimension | TotalsPages): Promise<void>;
  /** The totals of each of these periods under one name; periods without any are left out. */
  totals(periods: readonly CostPeriod[], name: string): Promise<ReadonlyMap<CostPeriod, CostTotals>>;
  /** All totals of one kind, by value: `parent`, `anthropic`, … */
  totalsBy(period: CostPeriod, kind: DimensionKind): Promise<ReadonlyMap<string, CostTotals>>;
  /** Every total of a period, in pages, in the order of `compareNames`. */
  allTotals(period: CostPeriod): AsyncIterable<readonly NamedTotals[]>;
  noteRollup(note: RollupNote): Promise<void>;
  rollups(from: string, to: string): Promise<readonly RollupNote[]>;
  noteMonth(note: MonthNote): Promise<void>;
  months(): Promise<readonly MonthNote[]>;
  noteReconciliation(run: Reconciliation): Promise<void>;
  reconciliations(from: string, to: string): Promise<readonly Reconciliation[]>;
  noteQuota(quota: Quota): Promise<void>;
  quotas(): Promise<readonly Quota[]>;
}
