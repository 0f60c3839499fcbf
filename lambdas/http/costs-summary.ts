/** `GET /costs/summary`: what a range of days cost, by day, role, service, key, direction or outcome. */
import { anomalyHistoryDays, findAnomalies } from '#core/costs/anomaly.ts';
import { costServices } from '#core/costs/cost-event.ts';
import { addDays, dayOf, daysFrom } from '#core/costs/days.ts';
import { sumUsd } from '#core/costs/money.ts';
import { unallocatedUsdOf } from '#core/costs/reconcile.ts';
import { seriesDay, withoutName } from '#core/costs/series.ts';
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

type Daily = ReadonlyMap<string, CostTotals>;
type Group = CostSummaryAnswer['groups'][number];

export const createCostsSummary = (load: LoadServices) => apiFunction(load, 'costs:read', getSummary);

async function getSummary({ event }: ApiRequest, { clock, costs }: Services): Promise<ApiAnswer> {
  const query = parseInput(costSummaryQuerySchema, event.queryStringParameters);
  const { from, to } = rangeOf(query, dayOf(clock.now().toISOString()));
  const days = daysFrom(from, to);
  const [history, notes, reconciliations, grouped] = await Promise.all([
    costs.totals(daysFrom(addDays(from, 1 - anomalyHistoryDays), to), platform),
    costs.rollups(from, to),
    costs.reconciliations(from, to),
    query.groupBy === 'day' ? undefined : totalsBy(costs, days, kindOf[query.groupBy]),
  ]);
  const byDay: Daily = new Map([...history].filter(([day]) => day >= from));
  const noteOf = new Map(notes.map((note) => [note.day, note]));
  const isComplete = (day: string) => noteOf.get(day)?.complete ?? false;
  const runOf = new Map(reconciliations.map((run) => [run.day, run]));
  const body: CostSummaryAnswer = {
    from,
    to,
    groupBy: query.groupBy,
    total: named('total', addUp(byDay.values())),
    unallocatedUsd: sumUsd(reconciliations.map((run) => unallocatedUsdOf(run) ?? 0)),
    groups: grouped === undefined ? daysWithFigures(days, byDay) : groupsOf(days, grouped, byDay),
    series: days.map((day) => ({
      ...seriesDay(day, byDay.get(day), isComplete(day)),
      unallocatedUsd: unallocatedUsdOf(runOf.get(day)) ?? null,
    })),
    topCalls: dearest(notes.flatMap(({ top }) => top)),
    missingDays: days.filter((day) => !noteOf.has(day)),
    anomalies: anomaliesOf(days.filter(isComplete), history),
    reconciliations: [...reconciliations],
  };
  return { status: 200, body };
}

const named = (name: string, totals: CostTotals): Group => ({
  name,
  ...totals,
  costPerMinuteUsd: costPerMinuteUsd(totals.costUsd, totals.durationSecs),
});

const daysWithFigures = (days: readonly string[], byDay: Daily): Group[] =>
  days.flatMap((day) => {
    const totals = byDay.get(day);
    return totals === undefined ? [] : [named(day, totals)];
  });

/** Dearest first, each with its own line through the days. */
function groupsOf(
  days: readonly string[],
  grouped: readonly ReadonlyMap<string, CostTotals>[],
  byDay: Daily,
): Group[] {
  const merged = mergeInto();
  for (const byName of grouped) for (const [name, totals] of byName) merged.add(name, totals);
  return [...merged.totals()]
    .sort(([, a], [, b]) => b.costUsd - a.costUsd)
    .map(([name, totals]) => ({
      ...named(name === '' ? withoutName : name, totals),
      costByDayUsd: days.map((day, i) => (byDay.has(day) ? (grouped[i]?.get(name)?.costUsd ?? 0) : null)),
    }));
}

/** One query a day, whose length is that of the kind and not of the callers. */
const totalsBy = (costs: CostStore, days: readonly string[], kind: DimensionKind) =>
  Promise.all(days.map((day) => costs.totalsBy(day, kind)));

function anomaliesOf(days: readonly string[], history: Daily): CostSummaryAnswer['anomalies'] {
  const found = costServices.flatMap((service) => {
    const daily = new Map([...history].map(([day, totals]) => [day, totals.costByService[service] ?? 0]));
    return findAnomalies(service, daily, days).map((anomaly) => ({ ...anomaly, service }));
  });
  return found.sort((a, b) => (a.day < b.day ? -1 : 1));
}

const dearest = (calls: readonly TopCall[]): TopCall[] =>
  calls.toSorted((a, b) => b.costUsd - a.costUsd).slice(0, topMax);

export const handler = createCostsSummary(wire);
