/** Sums over many calls: what a day or a month cost, in whole and by role, service, key, caller, direction, outcome. */
import * as z from 'zod';
import type { CostSummary, Direction, Outcome } from '../records/call-record.ts';
import { type CostService, costServiceSchema } from './cost-event.ts';
import { roundSecs, roundUsd } from './money.ts';
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

/** Whole billionths of a dollar and whole milliseconds: the order of the calls cannot change a sum. */
interface Sums {
  calls: number;
  durationMs: number;
  turnCount: number;
  costNanos: number;
  callsOfUnknownCost: number;
  estimatedNanos: number;
  wastedNanos: number;
  savedNanos: number;
  readonly byService: Map<string, number>;
  readonly usage: Map<string, number>;
}

const newSums = (): Sums => ({
  calls: 0,
  durationMs: 0,
  turnCount: 0,
  costNanos: 0,
  callsOfUnknownCost: 0,
  estimatedNanos: 0,
  wastedNanos: 0,
  savedNanos: 0,
  byService: new Map(),
  usage: new Map(),
});

const plus = (map: Map<string, number>, key: string, amount: number) =>
  map.set(key, (map.get(key) ?? 0) + amount);

const amountOf = (field: string, value: number) => (secondFields.includes(field) ? ms(value) : value);

function addCall(sums: Sums, call: Contribution): void {
  const { summary } = call;
  if (call.began) {
    sums.calls += 1;
    sums.durationMs += ms(call.durationSecs);
    sums.turnCount += call.turnCount;
  }
  const known = Object.entries(summary.costByService);
  for (const [service, cost] of known) {
    plus(sums.byService, service, nanos(cost ?? 0));
    sums.costNanos += nanos(cost ?? 0);
  }
  if (summary.estimatedCostUsd === null) sums.callsOfUnknownCost += 1;
  sums.estimatedNanos += nanos(summary.estimatedPartUsd ?? 0);
  sums.wastedNanos += nanos(summary.wastedUsd ?? 0);
  sums.savedNanos += nanos(summary.cacheSavedUsd ?? 0);
  for (const field of usageFields) plus(sums.usage, field, amountOf(field, summary[field]));
}

function addTotals(sums: Sums, totals: CostTotals): void {
  sums.calls += totals.calls;
  sums.durationMs += ms(totals.durationSecs);
  sums.turnCount += totals.turnCount;
  sums.costNanos += nanos(totals.costUsd);
  sums.callsOfUnknownCost += totals.callsOfUnknownCost;
  sums.estimatedNanos += nanos(totals.estimatedUsd);
  sums.wastedNanos += nanos(totals.wastedUsd);
  sums.savedNanos += nanos(totals.cacheSavedUsd);
  for (const [service, cost] of Object.entries(totals.costByService))
    plus(sums.byService, service, nanos(cost ?? 0));
  for (const field of usageFields) plus(sums.usage, field, amountOf(field, totals.usage[field]));
}

function toTotals(sums: Sums): CostTotals {
  const fromNanos = (amount: number) => roundUsd(amount / nanosPerUsd);
  const usage = Object.fromEntries(
    usageFields.map((field) => {
      const amount = sums.usage.get(field) ?? 0;
      return [field, secondFields.includes(field) ? roundSecs(amount / msPerSec) : amount];
    }),
  ) as CostTotals['usage'];
  return {
    calls: sums.calls,
    durationSecs: roundSecs(sums.durationMs / msPerSec),
    turnCount: sums.turnCount,
    costUsd: fromNanos(sums.costNanos),
    callsOfUnknownCost: sums.callsOfUnknownCost,
    estimatedUsd: fromNanos(sums.estimatedNanos),
    wastedUsd: fromNanos(sums.wastedNanos),
    cacheSavedUsd: fromNanos(sums.savedNanos),
    costByService: Object.fromEntries(
      [...sums.byService].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, sum]) => [key, fromNanos(sum)]),
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

/** Everything a call counts under, the services apart. */
function dimensionsOf(call: Contribution): readonly string[] {
  return [
    platform,
    dimension('ROLE', call.role),
    dimension('DIRECTION', call.direction),
    ...(call.outcome === undefined ? [] : [dimension('OUTCOME', call.outcome)]),
    ...(call.keyId === undefined ? [] : [dimension('KEY', call.keyId)]),
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

export interface TotalsCollector {
  /** A call that was added before changes nothing. */
  add(call: Contribution): void;
  totals(): TotalsByDimension;
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
    top: () => top,
  };
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
