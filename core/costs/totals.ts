/** Sums over many calls: what a day or a month cost, in whole and by role, service, key, caller, direction, outcome. */
import * as z from 'zod';
import type { CostSummary, Direction, Outcome } from '../records/call-record.ts';
import { type CostService, costServiceSchema, costServices } from './cost-event.ts';
import { roundSecs, roundUsd } from './money.ts';
import { compareNames } from './names.ts';
import { callUsageSchema } from './usage.ts';

const count = z.number().int().nonnegative();
const usd = z.number().nonnegative();

export const costTotalsSchema = z.object({
  /** Calls that began in the period. */
  calls: count,
  durationSecs: z.number().nonnegative(),
  turnCount: count,
  /** Of everything whose price is known. */
  costUsd: usd,
  /** Calls of which a part of the cost is unknown, so that `costUsd` is too low. */
  callsOfUnknownCost: count,
  /** The part of `costUsd` that rests on our own count, until the vendor's is known. */
  estimatedUsd: usd,
  /** The part of `costUsd` that bought nothing a caller heard. */
  wastedUsd: usd,
  /** What the prompt cache saved, its writes paid; not a part of `costUsd`. */
  cacheSavedUsd: z.number(),
  costByService: z.partialRecord(costServiceSchema, usd),
  usage: callUsageSchema,
});
export type CostTotals = z.infer<typeof costTotalsSchema>;

/** What one call adds to one period. */
export interface Contribution {
  /** Identity of the call: one that is given twice counts once. */
  readonly callSid: string;
  readonly role: string;
  readonly direction: Direction;
  readonly outcome?: Outcome | undefined;
  readonly keyId?: string | undefined;
  /** Absent when the call was removed at somebody's wish. */
  readonly callerHash?: string | undefined;
  /** False for the part of a call that lies in the day after the one it began in: money and usage only. */
  readonly began: boolean;
  readonly durationSecs: number;
  readonly turnCount: number;
  readonly summary: CostSummary;
}

const nanosPerUsd = 1e9;
const msPerSec = 1_000;
const nanos = (amount: number) => Math.round(amount * nanosPerUsd);
const ms = (secs: number) => Math.round(secs * msPerSec);

const usageFields = Object.keys(callUsageSchema.shape) as (keyof CostTotals['usage'])[];
const secondFields: readonly string[] = ['sttSecs', 'twilioSecs'];
const isSeconds = usageFields.map((field) => secondFields.includes(field));

/** Where what lies in `Sums`. */
const at = {
  calls: 0,
  durationMs: 1,
  turnCount: 2,
  costNanos: 3,
  callsOfUnknownCost: 4,
  estimatedNanos: 5,
  wastedNanos: 6,
  savedNanos: 7,
  usage: 8,
  services: 8 + usageFields.length,
} as const;
const sumsLength = at.services + costServices.length;
const placeOf = new Map<string, number>(costServices.map((service, i) => [service, at.services + i]));

/**
 * Whole billionths of a dollar and whole milliseconds: the order of the calls cannot change a sum. One flat array for
 * each name, since a day can have a hundred thousand callers. A service that was not used is `NaN`.
 */
type Sums = Float64Array;

const newSums = (): Sums => new Float64Array(sumsLength).fill(Number.NaN, at.services);

const plus = (sums: Sums, place: number, amount: number) => {
  sums[place] = (sums[place] ?? 0) + amount;
};

function plusService(sums: Sums, service: string, amount: number): void {
  const place = placeOf.get(service);
  if (place === undefined) return;
  const before = sums[place] ?? 0;
  sums[place] = (Number.isNaN(before) ? 0 : before) + amount;
}

function plusUsage(sums: Sums, usage: CostTotals['usage']): void {
  for (const [i, field] of usageFields.entries())
    plus(sums, at.usage + i, isSeconds[i] ? ms(usage[field]) : usage[field]);
}

function addCall(sums: Sums, call: Contribution): void {
  const { summary } = call;
  if (call.began) {
    plus(sums, at.calls, 1);
    plus(sums, at.durationMs, ms(call.durationSecs));
    plus(sums, at.turnCount, call.turnCount);
  }
  for (const [service, cost] of Object.entries(summary.costByService)) {
    plusService(sums, service, nanos(cost ?? 0));
    plus(sums, at.costNanos, nanos(cost ?? 0));
  }
  if (summary.estimatedCostUsd === null) plus(sums, at.callsOfUnknownCost, 1);
  plus(sums, at.estimatedNanos, nanos(summary.estimatedPartUsd ?? 0));
  plus(sums, at.wastedNanos, nanos(summary.wastedUsd ?? 0));
  plus(sums, at.savedNanos, nanos(summary.cacheSavedUsd ?? 0));
  plusUsage(sums, summary);
}

function addTotals(sums: Sums, totals: CostTotals): void {
  plus(sums, at.calls, totals.calls);
  plus(sums, at.durationMs, ms(totals.durationSecs));
  plus(sums, at.turnCount, totals.turnCount);
  plus(sums, at.costNanos, nanos(totals.costUsd));
  plus(sums, at.callsOfUnknownCost, totals.callsOfUnknownCost);
  plus(sums, at.estimatedNanos, nanos(totals.estimatedUsd));
  plus(sums, at.wastedNanos, nanos(totals.wastedUsd));
  plus(sums, at.savedNanos, nanos(totals.cacheSavedUsd));
  for (const [service, cost] of Object.entries(totals.costByService))
    plusService(sums, service, nanos(cost ?? 0));
  plusUsage(sums, totals.usage);
}

function toTotals(sums: Sums): CostTotals {
  const count = (place: number) => sums[place] ?? 0;
  const usdAt = (place: number) => roundUsd(count(place) / nanosPerUsd);
  const secsAt = (place: number) => roundSecs(count(place) / msPerSec);
  const usage = Object.fromEntries(
    usageFields.map((field, i) => [field, isSeconds[i] ? secsAt(at.usage + i) : count(at.usage + i)]),
  ) as CostTotals['usage'];
  return {
    calls: count(at.calls),
    durationSecs: secsAt(at.durationMs),
    turnCount: count(at.turnCount),
    costUsd: usdAt(at.costNanos),
    callsOfUnknownCost: count(at.callsOfUnknownCost),
    estimatedUsd: usdAt(at.estimatedNanos),
    wastedUsd: usdAt(at.wastedNanos),
    cacheSavedUsd: usdAt(at.savedNanos),
    costByService: Object.fromEntries(
      [...placeOf]
        .filter(([, place]) => !Number.isNaN(sums[place]))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([service, place]) => [service, usdAt(place)]),
    ),
    usage,
  };
}

const secsPerMinute = 60;
const microsPerUsd = 1e6;

/** @returns null where there are no minutes, or no cost is known. */
export function costPerMinuteUsd(usdSpent: number | null, durationSecs: number): number | null {
  if (usdSpent === null || durationSecs === 0) return null;
  return Math.round((usdSpent / (durationSecs / secsPerMinute)) * microsPerUsd) / microsPerUsd;
}

/** The whole, under this name. */
export const platform = 'PLATFORM';
export const dimensionKinds = ['ROLE', 'SERVICE', 'KEY', 'CALLER', 'DIRECTION', 'OUTCOME'] as const;
export type DimensionKind = (typeof dimensionKinds)[number];
export const dimension = (kind: DimensionKind, value: string): string => `${kind}#${value}`;

/**
 * Everything a call counts under, the services apart. A call without a key counts under the empty one, and likewise
 * one that goes on, so that the groups add up to the whole.
 */
function dimensionsOf(call: Contribution): readonly string[] {
  return [
    platform,
    dimension('ROLE', call.role),
    dimension('DIRECTION', call.direction),
    dimension('OUTCOME', call.outcome ?? ''),
    dimension('KEY', call.keyId ?? ''),
    ...(call.callerHash === undefined ? [] : [dimension('CALLER', call.callerHash)]),
  ];
}

const servicePrefixes: Readonly<Record<string, readonly string[]>> = {
  anthropic: ['claude'],
  'elevenlabs-tts': ['tts'],
  'elevenlabs-stt': ['stt'],
  twilio: ['twilio'],
};

/** A call as one service sees it: its own money, and what was used of it. */
function partOfService(call: Contribution, service: string, cost: number | null): Contribution {
  const prefixes = servicePrefixes[service] ?? [];
  const { summary } = call;
  const usage = Object.fromEntries(
    usageFields.map((field) => [
      field,
      prefixes.some((prefix) => field.startsWith(prefix)) ? summary[field] : 0,
    ]),
  ) as CostTotals['usage'];
  const isModel = service === 'anthropic';
  return {
    ...call,
    summary: {
      ...usage,
      estimatedCostUsd: cost,
      costByService: { [service]: cost },
      estimatedPartUsd: summary.estimatedByService?.[service as CostService] ?? 0,
      ...(isModel ? { cacheSavedUsd: summary.cacheSavedUsd ?? 0 } : {}),
    },
  };
}

export type TotalsByDimension = ReadonlyMap<string, CostTotals>;
export type NamedTotals = readonly [name: string, totals: CostTotals];
/** In the order of `compareNames`, each name once. */
export type TotalsPages = Iterable<readonly NamedTotals[]> | AsyncIterable<readonly NamedTotals[]>;

export interface TotalsCollector {
  /** A call that was added before changes nothing. */
  add(call: Contribution): void;
  totals(): TotalsByDimension;
  /** A day without calls is known to have cost nothing. */
  whole(): CostTotals;
  /** The same in order, made as it is asked for; the whole is always among them. */
  pages(): TotalsPages;
  /** The dearest calls, dearest first. */
  top(): readonly { callSid: string; role: string; costUsd: number; durationSecs: number }[];
}

/** Calls kept by name: enough to see what made a day dear. */
const topMax = 10;

/** Adds up calls of one period. */
export function collectTotals(): TotalsCollector {
  const byDimension = new Map<string, Sums>();
  const seen = new Set<string>();
  let top: { callSid: string; role: string; costUsd: number; durationSecs: number }[] = [];
  const compete = ({ callSid, role, durationSecs, summary }: Contribution) => {
    const costUsd = roundUsd(
      Object.values(summary.costByService).reduce((sum: number, cost) => sum + (cost ?? 0), 0),
    );
    if (top.length >= topMax && costUsd <= (top.at(-1)?.costUsd ?? 0)) return;
    top = [...top, { callSid, role, costUsd, durationSecs }]
      .sort((a, b) => b.costUsd - a.costUsd || (a.callSid < b.callSid ? -1 : 1))
      .slice(0, topMax);
  };
  const sumsOf = (name: string) => {
    const sums = byDimension.get(name) ?? newSums();
    byDimension.set(name, sums);
    return sums;
  };
  return {
    add(call) {
      if (seen.has(call.callSid)) return;
      seen.add(call.callSid);
      compete(call);
      for (const name of dimensionsOf(call)) addCall(sumsOf(name), call);
      for (const [service, cost] of Object.entries(call.summary.costByService))
        addCall(sumsOf(dimension('SERVICE', service)), partOfService(call, service, cost ?? null));
    },
    totals: () => new Map([...byDimension].map(([name, sums]) => [name, toTotals(sums)])),
    whole: () => toTotals(sumsOf(platform)),
    pages() {
      sumsOf(platform);
      return pagesOf(byDimension);
    },
    top: () => top,
  };
}

/** Totals made at once on their way to the store. */
const pageTotals = 500;

function* pagesOf(byDimension: ReadonlyMap<string, Sums>): Generator<readonly NamedTotals[]> {
  const names = [...byDimension.keys()].sort(compareNames);
  for (let from = 0; from < names.length; from += pageTotals)
    yield names
      .slice(from, from + pageTotals)
      .map((name) => [name, toTotals(byDimension.get(name) ?? newSums())]);
}

export interface TotalsMerger {
  add(name: string, totals: CostTotals): void;
  totals(): TotalsByDimension;
}

/** Adds up periods by dimension: days to a month. */
export function mergeInto(): TotalsMerger {
  const byDimension = new Map<string, Sums>();
  return {
    add(name, totals) {
      const sums = byDimension.get(name) ?? newSums();
      byDimension.set(name, sums);
      addTotals(sums, totals);
    },
    totals: () => new Map([...byDimension].map(([name, sums]) => [name, toTotals(sums)])),
  };
}

/** Adds up periods. */
export function addUp(periods: Iterable<CostTotals>): CostTotals {
  const sums = newSums();
  for (const totals of periods) addTotals(sums, totals);
  return toTotals(sums);
}

export const noTotals: CostTotals = addUp([]);
