/** Before a record goes: what the call cost stays in the totals of its days. */
import { partsToKeep } from '#core/costs/contribution.ts';
import type { CallSid } from '#core/ids.ts';
import type { Services } from '../services.ts';

/** Throws `ProviderError`: a record whose costs could not be kept must not be removed. */
export async function keepCostsOf(
  callSid: CallSid,
  { store, costs }: Pick<Services, 'store' | 'costs'>,
): Promise<void> {
  const record = await store.find(callSid);
  if (record === undefined) return;
  for (const { day, part } of partsToKeep(record, await store.costEvents(callSid)))
    await costs.keepRemoved(day, part);
}
