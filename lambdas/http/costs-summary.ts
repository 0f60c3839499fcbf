/** `GET /costs/summary`: what a range of days cost, by day, role, service, key, direction or outcome. */
import { dayOf, daysFrom } from '#core/costs/days.ts';
import { sumUsd } from '#core/costs/money.ts';
import { unallocatedUsdOf } from '#core/costs/reconcile.ts';
import {
  addUp,
  type CostTotals,
  costPerMinuteUsd,
  type DimensionKind,
  mergeInto,
  platform,
} from '#core/costs/totals.ts';
import { type CostSummaryAnswer, costSummaryQuerySchema, type Grouping, rangeOf } from '#core/http/costs.ts';
import type { CostStore, TopCall } from '#core/ports/cost-store.ts';
import { parseInput } from '../parse-input.ts';
import type { LoadServices, Services } from '../services.ts';
import { type ApiAnswer, type ApiRequest, apiFunction } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';

/** The dearest calls shown. */
const topMax = 10;

const kindOf: Readonly<Record<Exclude<Grouping, 'day'>, DimensionKind>> = {
  role: 'ROLE',
  service: 'SERVICE',
  key: 'KEY',
  direction: 'DIRECTION',
  outcome: 'OUTCOME',
};

export const createCostsSummary = (load: LoadServices) => apiFunction(load, 'costs:read', getSummary);

async function getSummary({ event }: ApiRequest, { clock, costs }: Services): Promise<ApiAnswer> {
  const query = parseInput(costSummaryQuerySchema, event.queryStringParameters);
  const { from, to } = rangeOf(query, dayOf(clock.now().toISOString()));
  const days = daysFrom(from, to);
  const [byDay, notes, reconciliations, grouped] = await Promise.all([
    costs.totals(days, platform),
    costs.rollups(from, to),
    costs.reconciliations(from, to),
    query.groupBy === 'day' ? undefined : totalsBy(costs, days, kindOf[query.groupBy]),
  ]);
  const runOf = new Map(reconciliations.map((run) => [run.day, run]));
  const noteOf = new Map(notes.map((note) => [note.day, note]));
  const series = days.flatMap((day) => {
    const totals = byDay.get(day);
    if (totals === undefined) return [];
    const { calls, durationSecs, costUsd, costByService, wastedUsd, cacheSavedUsd } = totals;
    const complete = noteOf.get(day)?.complete ?? false;
    const sums = { calls, durationSecs, costUsd, costByService, wastedUsd, cacheSavedUsd };
    const unallocatedUsd = unallocatedUsdOf(runOf.get(day));
    return [{ day, ...sums, ...(unallocatedUsd === undefined ? {} : { unallocatedUsd }), complete }];
  });
  const groups = grouped ?? new Map(days.flatMap((day) => entryOf(day, byDay.get(day))));
  const body: CostSummaryAnswer = {
    from,
    to,
    groupBy: query.groupBy,
    total: group('total', addUp(byDay.values())),
    unallocatedUsd: sumUsd(reconciliations.map((run) => unallocatedUsdOf(run) ?? 0)),
    groups: [...groups].map(([name, totals]) => group(name, totals)),
    series,
    topCalls: dearest(notes.flatMap(({ top }) => top)),
    missingDays: days.filter((day) => !noteOf.has(day)),
    reconciliations: [...reconciliations],
  };
  return { status: 200, body };
}

const entryOf = (day: string, totals: CostTotals | undefined): readonly (readonly [string, CostTotals])[] =>
  totals === undefined ? [] : [[day, totals]];

const group = (name: string, totals: CostTotals) => ({
  name,
  ...totals,
  costPerMinuteUsd: costPerMinuteUsd(totals.costUsd, totals.durationSecs),
});

/** Dearest first. */
async function totalsBy(
  costs: CostStore,
  days: readonly string[],
  kind: DimensionKind,
): Promise<ReadonlyMap<string, CostTotals>> {
  const merged = mergeInto();
  for (const byName of await Promise.all(days.map((day) => costs.totalsBy(day, kind))))
    for (const [name, totals] of byName) merged.add(name, totals);
  return new Map([...merged.totals()].sort(([, a], [, b]) => b.costUsd - a.costUsd));
}

const dearest = (calls: readonly TopCall[]): TopCall[] =>
  calls.toSorted((a, b) => b.costUsd - a.costUsd).slice(0, topMax);

export const handler = createCostsSummary(wire);
