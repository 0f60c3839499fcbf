/** Totals as a chart wants them: every day of a range, every service, and no holes. */
import { type CostService, costServices } from './cost-event.ts';
import { type CostTotals, costPerMinuteUsd } from './totals.ts';

/** What calls without a key, and calls that go on, are grouped under. */
export const withoutName = '(none)';

/** A day that nobody has added up yet is null throughout; one without calls is 0. */
export interface SeriesDay {
  readonly day: string;
  /** False while the day goes on, or nobody has added it up since. */
  readonly complete: boolean;
  readonly calls: number | null;
  readonly durationSecs: number | null;
  readonly costUsd: number | null;
  readonly costPerMinuteUsd: number | null;
  readonly costByService: Readonly<Record<CostService, number | null>>;
  readonly wastedUsd: number | null;
  readonly cacheSavedUsd: number | null;
}

export function seriesDay(day: string, totals: CostTotals | undefined, complete: boolean): SeriesDay {
  const costByService = Object.fromEntries(
    costServices.map((service) => [
      service,
      totals === undefined ? null : (totals.costByService[service] ?? 0),
    ]),
  ) as Record<CostService, number | null>;
  return {
    day,
    complete,
    calls: totals?.calls ?? null,
    durationSecs: totals?.durationSecs ?? null,
    costUsd: totals?.costUsd ?? null,
    costPerMinuteUsd: totals === undefined ? null : costPerMinuteUsd(totals.costUsd, totals.durationSecs),
    costByService,
    wastedUsd: totals?.wastedUsd ?? null,
    cacheSavedUsd: totals?.cacheSavedUsd ?? null,
  };
}
