/** The cost store as the port says it, in memory, over the calls of a call store. */
import { dayOf } from '#core/costs/days.ts';
import { compareNames } from '#core/costs/names.ts';
import type { Quota, Reconciliation } from '#core/costs/reconcile.ts';
import type { Contribution, CostTotals, NamedTotals } from '#core/costs/totals.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import type { CostStore, MonthNote, RollupNote } from '#core/ports/cost-store.ts';
import type { CallRecord } from '#core/records/call-record.ts';

const pageItems = 100;

export function createInMemoryCostStore(calls: CallStore): CostStore {
  const periods = new Map<string, ReadonlyMap<string, CostTotals>>();
  const removedOf = new Map<string, Map<string, Contribution>>();
  const runs = new Map<string, Reconciliation>();
  const quotas = new Map<string, Quota>();
  const notes = new Map<string, RollupNote>();
  const months = new Map<string, MonthNote>();
  const allCalls = async () => {
    const records: CallRecord[] = [];
    let cursor: string | undefined;
    do {
      const page = await calls.list({
        index: { by: 'day' },
        limit: pageItems,
        ...(cursor === undefined ? {} : { cursor }),
      });
      records.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return records.reverse();
  };
  return {
    async *callsBegun(day, from = '') {
      const records = await allCalls();
      yield records.filter(({ startedAt }) => dayOf(startedAt) === day && startedAt >= from);
    },
    async keepRemoved(day, contribution) {
      const kept = removedOf.get(day) ?? new Map<string, Contribution>();
      removedOf.set(day, kept.set(contribution.callSid, contribution));
    },
    removed: async (day) => [...(removedOf.get(day)?.values() ?? [])],
    async replaceTotals(period, totals) {
      const named: NamedTotals[] = [];
      for await (const page of totals instanceof Map ? [[...totals] as NamedTotals[]] : totals)
        named.push(...(page as readonly NamedTotals[]));
      periods.set(period, new Map(named));
    },
    async totals(wanted, name) {
      return new Map(
        wanted.flatMap((period) => {
          const totals = periods.get(period)?.get(name);
          return totals === undefined ? [] : [[period, totals] as const];
        }),
      );
    },
    async totalsBy(period, kind) {
      return new Map(
        [...(periods.get(period) ?? [])]
          .filter(([name]) => name.startsWith(`${kind}#`))
          .map(([name, totals]) => [name.slice(kind.length + 1), totals]),
      );
    },
    async *allTotals(period) {
      const totals = periods.get(period);
      if (totals) yield [...totals].sort(([a], [b]) => compareNames(a, b));
    },
    async noteRollup(note) {
      notes.set(note.day, note);
    },
    rollups: async (from, to) => [...notes.values()].filter(({ day }) => day >= from && day <= to),
    async noteMonth(note) {
      months.set(note.month, note);
    },
    months: async () => [...months.values()],
    async noteReconciliation(run) {
      runs.set(run.day, run);
    },
    reconciliations: async (from, to) => [...runs.values()].filter(({ day }) => day >= from && day <= to),
    async noteQuota(quota) {
      quotas.set(quota.name, quota);
    },
    quotas: async () => [...quotas.values()],
  };
}
