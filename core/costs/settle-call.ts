/** A call that is over may still learn what it cost: its summary then follows its events. */
import type { CallSid } from '../ids.ts';
import type { CallStore } from '../ports/call-store.ts';
import type { CostSummary } from '../records/call-record.ts';
import { summarise } from './summarise.ts';

/**
 * Whoever writes an event of a call, or the end of one, calls this after it: of two who write at the same time, one
 * at least sees what both have written.
 *
 * @returns the new summary, or undefined when there was nothing to change.
 */
export async function settleCall(store: CallStore, callSid: CallSid): Promise<CostSummary | undefined> {
  const record = await store.find(callSid);
  if (record?.costSummary === undefined) return undefined;
  const summary = summarise(await store.costEvents(callSid));
  if (sameSummary(record.costSummary, summary)) return undefined;
  return (await store.reviseSummary(callSid, summary)) ? summary : undefined;
}

function sameSummary(a: CostSummary, b: CostSummary): boolean {
  const services = [...new Set([...Object.keys(a.costByService), ...Object.keys(b.costByService)])];
  return (
    a.estimatedCostUsd === b.estimatedCostUsd &&
    a.twilioSecs === b.twilioSecs &&
    a.estimatedPartUsd === b.estimatedPartUsd &&
    services.every(
      (service) =>
        a.costByService[service as keyof CostSummary['costByService']] ===
        b.costByService[service as keyof CostSummary['costByService']],
    )
  );
}
