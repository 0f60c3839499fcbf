import type { CostService } from '../costs/cost-event.ts';
import type { Quota, VendorDay } from '../costs/reconcile.ts';

export interface UsageOptions {
  readonly signal: AbortSignal;
}

/** What one vendor says we have used. Makes no retry of its own. Throws `ProviderError` or `CancelledError`. */
export interface UsageReport {
  readonly services: readonly CostService[];
  /** One UTC day, for each of `services`. */
  day(day: string, options: UsageOptions): Promise<ReadonlyMap<CostService, VendorDay>>;
  /** What it still lets us use. */
  quotas(options: UsageOptions): Promise<readonly Quota[]>;
  /** Prepaid money that is left, US dollars; undefined where the vendor does not tell. */
  balanceUsd(options: UsageOptions): Promise<number | undefined>;
}

/** A vendor that cannot be asked, and why. */
export function skippedReport(services: readonly CostService[], reason: string): UsageReport {
  return {
    services,
    day: async () => new Map(services.map((service) => [service, { skipped: reason }])),
    quotas: async () => [],
    balanceUsd: async () => undefined,
  };
}
