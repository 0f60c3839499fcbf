/** The figures of a call, from its cost events alone: the running call and the stale-call job get the same. */
import type { CostSummary } from '../records/call-record.ts';
import { type CostEvent, type CostService, costServices } from './cost-event.ts';
import { sumSecs, sumUsd } from './money.ts';
import { operations } from './price-charge.ts';
import { settledEvents } from './settled.ts';
import type { CallUsage } from './usage.ts';

const legOperations: readonly string[] = [
  operations.inbound,
  operations.inboundTollFree,
  operations.outbound,
];
const cacheWriteOperations: readonly string[] = [operations.cacheWrite5m, operations.cacheWrite1h];
const wasteOperations: readonly string[] = [operations.input, operations.output];

const totalOf = (events: readonly CostEvent[], matches: (event: CostEvent) => boolean): number =>
  events.reduce((sum, event) => (matches(event) ? sum + event.usage : sum), 0);

/**
 * What a call used.
 * `claudeWastedTokens` is a part of the input and output tokens, not an addition: those of replies that nobody
 * heard. Cache traffic is left out of it, for what a discarded reply wrote to the cache serves the next one.
 * `twilioSecs` are the seconds of the call's legs as measured, not as billed; streams run beside a leg and do not add.
 */
export function usageOf(events: readonly CostEvent[]): CallUsage {
  const bought = (...wanted: readonly string[]) =>
    totalOf(events, ({ operation }) => wanted.includes(operation));
  return {
    claudeInputTokens: bought(operations.input),
    claudeOutputTokens: bought(operations.output),
    claudeCacheCreationTokens: bought(...cacheWriteOperations),
    claudeCacheReadTokens: bought(operations.cacheRead),
    claudeWastedTokens: totalOf(
      events,
      ({ operation, outcome }) => outcome !== 'used' && wasteOperations.includes(operation),
    ),
    ttsChars: bought(operations.live),
    ttsCharsCached: bought(operations.recorded),
    sttSecs: sumSecs(
      events.filter(({ operation }) => operation === operations.recognition).map(({ usage }) => usage),
    ),
    twilioSecs: sumSecs(
      events
        .filter(({ operation }) => legOperations.includes(operation))
        .map(({ measuredSecs }) => measuredSecs ?? 0),
    ),
  };
}

/** @returns dollars, or `null` as soon as one cost is unknown. */
export function totalUsdOf(events: readonly CostEvent[]): number | null {
  const known: number[] = [];
  for (const { costUsd } of events) {
    if (costUsd === null) return null;
    known.push(costUsd);
  }
  return sumUsd(known);
}

/** @returns dollars of everything whose price is known: a lower bound, for limits that must hold in any case. */
export function knownUsdOf(events: readonly CostEvent[]): number {
  return sumUsd(events.map(({ costUsd }) => costUsd ?? 0));
}

/**
 * The figures of `cost.call.summary`. `costByService` names the services that were used, `null` where a price is unknown.
 *
 * @param events of one call, in any order; an event stored twice counts once.
 */
export function summarise(events: readonly CostEvent[]): CostSummary {
  const once = settledEvents(events);
  const estimated = once.filter((event) => event.estimated);
  const estimatedByService: Partial<Record<CostService, number>> = {};
  const costByService: Partial<Record<CostService, number | null>> = {};
  for (const service of costServices) {
    const own = once.filter((event) => event.service === service);
    if (own.length > 0) costByService[service] = totalUsdOf(own);
    const unsure = estimated.filter((event) => event.service === service);
    if (unsure.length > 0) estimatedByService[service] = knownUsdOf(unsure);
  }
  return {
    ...usageOf(once),
    estimatedCostUsd: totalUsdOf(once),
    costByService,
    estimatedPartUsd: knownUsdOf(estimated),
    estimatedByService,
    wastedUsd: knownUsdOf(once.filter(({ outcome }) => outcome !== 'used')),
    cacheSavedUsd: cacheSavedUsdOf(once),
  };
}

function cacheSavedUsdOf(events: readonly CostEvent[]): number {
  return sumUsd(
    events.map(({ usage, unitPriceUsd, uncachedUnitPriceUsd }) =>
      unitPriceUsd === null || typeof uncachedUnitPriceUsd !== 'number'
        ? 0
        : usage * (uncachedUnitPriceUsd - unitPriceUsd),
    ),
  );
}

/** Something was bought at a price nobody knows. */
export interface UnknownPrice {
  readonly reason: 'unknown-price';
  readonly service: CostService;
  readonly model?: string;
}

/** @returns each service and model once, in order of appearance. */
export function unknownPricesOf(events: readonly CostEvent[]): readonly UnknownPrice[] {
  const found = new Map<string, UnknownPrice>();
  for (const { service, model, costUsd } of events) {
    if (costUsd !== null) continue;
    const key = `${service} ${model ?? ''}`;
    if (!found.has(key))
      found.set(key, { reason: 'unknown-price', service, ...(model === undefined ? {} : { model }) });
  }
  return [...found.values()];
}
