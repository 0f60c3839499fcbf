/** Brings our own counts of a day in line with what a vendor has counted. Repeating it changes nothing. */
import { countEstimates, spread, type VendorCount } from '#core/costs/correct-estimates.ts';
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

/**
 * @param counts what the vendor has counted of this service in the whole day.
 * @returns how many events were written. Throws `ProviderError`; a run that is cut off is repeated from its start.
 */
export async function correctEstimates(
  day: string,
  { service, counts }: { readonly service: CostService; readonly counts: readonly VendorCount[] },
  services: CorrectServices,
): Promise<number> {
  const { costs, store, telemetry } = services;
  const count = countEstimates(counts);
  for (const { summary } of await costs.removed(day))
    for (const operation of new Set(counts.map((one) => one.operation))) {
      const field = usageOfRemoved[operation];
      if (field !== undefined) count.addCertain(operation, summary[field]);
    }
  for await (const calls of callsOfDay(day, services)) for (const { events } of calls) count.add(events);

  const corrections = count.corrections();
  if (corrections.length === 0) return 0;
  const correctionsOf = spread(corrections);
  let written = 0;
  for await (const calls of callsOfDay(day, services)) {
    const made = calls.map(({ events }) => correctionsOf(events));
    const touched = calls.filter((_, i) => (made[i]?.length ?? 0) > 0);
    await store.putCostEvents(made.flat());
    await Promise.all(touched.map(({ record }) => settleCall(store, record.callSid)));
    written += made.flat().length;
  }
  for (const { operation, model, estimated, target } of corrections)
    telemetry.log('info', {
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
