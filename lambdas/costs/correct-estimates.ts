/** Brings our own counts of a day in line with what the vendors have counted. Repeating it changes nothing. */
import { type Correction, countEstimates, spread, type VendorCount } from '#core/costs/correct-estimates.ts';
import type { CostService } from '#core/costs/cost-event.ts';
import { operations } from '#core/costs/price-charge.ts';
import { settleCall } from '#core/costs/settle-call.ts';
import type { CallUsage } from '#core/costs/usage.ts';
import type { Services } from '../services.ts';
import { callsOfDay } from './calls-of-day.ts';

type CorrectServices = Pick<Services, 'costs' | 'store' | 'telemetry'>;

/** What is still known of calls that were removed. */
const usageOfRemoved: Readonly<Record<string, keyof CallUsage>> = {
  [operations.output]: 'claudeOutputTokens',
  [operations.live]: 'ttsChars',
  [operations.recognition]: 'sttSecs',
};

export interface CountedService {
  readonly service: CostService;
  /** What the vendor has counted of this service in the whole day. */
  readonly counts: readonly VendorCount[];
}

/**
 * All services at once, so that the events of a day's calls are read once to be counted and once to be corrected.
 *
 * @returns how many events were written. Throws `ProviderError`; a run that is cut off is repeated from its start.
 */
export async function correctEstimates(
  day: string,
  counted: readonly CountedService[],
  services: CorrectServices,
): Promise<number> {
  if (counted.length === 0) return 0;
  const found = await findCorrections(day, counted, services);
  const corrections = found.flatMap((one) => one.corrections);
  if (corrections.length === 0) return 0;
  const written = await write(day, corrections, services);
  for (const { service, corrections: ofService } of found)
    for (const { operation, model, estimated, target } of ofService)
      services.telemetry.log('info', {
        msg: 'cost.estimates-corrected',
        day,
        service,
        operation,
        ...(model === undefined ? {} : { model }),
        estimated,
        counted: target,
      });
  return written;
}

interface Found {
  readonly service: CostService;
  readonly corrections: readonly Correction[];
}

async function findCorrections(
  day: string,
  counted: readonly CountedService[],
  services: CorrectServices,
): Promise<readonly Found[]> {
  const sums = counted.map(({ service, counts }) => ({ service, counts, count: countEstimates(counts) }));
  for (const { summary } of await services.costs.removed(day))
    for (const { counts, count } of sums)
      for (const operation of new Set(counts.map((one) => one.operation))) {
        const field = usageOfRemoved[operation];
        if (field !== undefined) count.addCertain(operation, summary[field]);
      }
  for await (const calls of callsOfDay(day, services))
    for (const { events } of calls) for (const { count } of sums) count.add(events);
  return sums.map(({ service, count }) => ({ service, corrections: count.corrections() }));
}

async function write(
  day: string,
  corrections: readonly Correction[],
  services: CorrectServices,
): Promise<number> {
  const { store } = services;
  const correctionsOf = spread(corrections);
  let written = 0;
  for await (const calls of callsOfDay(day, services)) {
    // In the order of the calls, before anything waits: shares follow from it.
    const made = calls.map(({ record, events }) => ({ record, events: correctionsOf(events) }));
    await Promise.all(
      made
        .filter(({ events }) => events.length > 0)
        .map(async ({ record, events }) => {
          await store.putCostEvents(events);
          await settleCall(store, record.callSid);
          written += events.length;
        }),
    );
  }
  return written;
}
