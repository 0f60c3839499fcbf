/** What the carrier's own list of a day knows and we do not: calls whose last callback never came, or any of them. */

import type { CostEvent } from '#core/costs/cost-event.ts';
import { addDays } from '#core/costs/days.ts';
import { legEstimateNumber, legNumber } from '#core/costs/event-numbers.ts';
import type { CallSid } from '#core/ids.ts';
import type { CarrierCall } from '#core/ports/carrier-calls.ts';
import { type CallRecord, finalStatuses } from '#core/records/call-record.ts';
import type { Services } from '../services.ts';
import { callsAtOnce } from './calls-of-day.ts';
import { legEvent, transferLegEvent, writeCarrierEvents } from './carrier-costs.ts';
import { recordMissedCall } from './missed-call.ts';

type LedgerServices = Pick<
  Services,
  'carrierCalls' | 'clock' | 'config' | 'costs' | 'hashNumber' | 'store' | 'telemetry'
>;

export interface CarrierFindings {
  /** Legs whose minutes or price we did not have, or had otherwise. */
  readonly corrected: number;
  /** Calls of ours that had no record until now. */
  readonly missed: number;
  /** Calls of the same account that are not ours. */
  readonly foreign: number;
}

type Finding = keyof CarrierFindings | 'known';

/** Repeating it changes nothing. Throws `ProviderError`, `CancelledError`. */
export async function bringInCarrierCalls(
  day: string,
  services: LedgerServices,
  signal: AbortSignal,
): Promise<CarrierFindings> {
  const counts = { corrected: 0, missed: 0, foreign: 0, known: 0 };
  const transfers: CarrierCall[] = [];
  const removed = await removedAround(day, services);
  for await (const page of services.carrierCalls.ofDay(day, { signal })) {
    const over = page.filter(({ status }) => finalStatuses.includes(status));
    transfers.push(...over.filter(({ parentCallSid }) => parentCallSid !== undefined));
    const calls = over.filter(
      ({ callSid, parentCallSid }) => parentCallSid === undefined && !removed.has(callSid),
    );
    await inPortions(calls, (call) => bringInCall(call, services), counts);
  }
  // A list may name a leg before the call it belongs to, which may only now have a record.
  await inPortions(transfers, (leg) => bringInTransfer(leg, services), counts);
  const { corrected, missed, foreign } = counts;
  if (corrected + missed > 0)
    services.telemetry.log('warn', { msg: 'cost.carrier-caught-up', day, corrected, missed, foreign });
  return { corrected, missed, foreign };
}

/** Calls whose records were removed at somebody's wish: they must not come back, and what they cost is kept. */
async function removedAround(day: string, { costs }: LedgerServices): Promise<ReadonlySet<string>> {
  // Our clock and the carrier's may see midnight on different sides of a call.
  const days = [addDays(day, -1), day, addDays(day, 1)];
  const kept = await Promise.all(days.map((one) => costs.removed(one)));
  return new Set(kept.flat().map(({ callSid }) => callSid));
}

async function inPortions(
  calls: readonly CarrierCall[],
  work: (call: CarrierCall) => Promise<Finding>,
  counts: Record<Finding, number>,
): Promise<void> {
  for (let at = 0; at < calls.length; at += callsAtOnce)
    for (const found of await Promise.all(calls.slice(at, at + callsAtOnce).map(work))) counts[found] += 1;
}

async function bringInCall(call: CarrierCall, services: LedgerServices): Promise<Finding> {
  const { store, clock } = services;
  const { callSid, status, durationSecs, endedAt } = call;
  const record = await store.find(callSid);
  if (record === undefined) return recordMissedCall(call, services);
  if (record.direction === 'web') return 'known';
  // One that nobody has ended goes the usual way from here: the job that closes stale calls asks the status.
  if (!finalStatuses.includes(record.status))
    await store.applyStatus(callSid, status, { sequence: 0, at: endedAt ?? clock.now(), durationSecs });
  const events = await store.costEvents(callSid);
  const wasCharged = events.some(({ seq }) => seq === legNumber || seq === legEstimateNumber);
  const nothing = durationSecs === 0 && (call.priceUsd ?? 0) === 0;
  // Who says "completed" after no whole second has billed a minute; how dear it was, the price will tell.
  if (nothing && (!wasCharged || status === 'completed')) return 'known';
  return bringIn(events, legEvent(record, legOf(call, services), services.config.prices), record, services);
}

async function bringInTransfer(leg: CarrierCall, services: LedgerServices): Promise<Finding> {
  const record = await services.store.find(leg.parentCallSid as CallSid);
  if (record === undefined) return 'foreign';
  if (leg.durationSecs === 0 && (leg.priceUsd ?? 0) === 0) return 'known';
  const events = await services.store.costEvents(record.callSid);
  const dialled = { ...legOf(leg, services), legSid: leg.callSid };
  return bringIn(events, transferLegEvent(record, dialled, services.config.prices), record, services);
}

const legOf = ({ durationSecs, priceUsd, endedAt }: CarrierCall, { clock }: LedgerServices) => ({
  durationSecs,
  ...(priceUsd === undefined ? {} : { priceUsd }),
  at: endedAt ?? clock.now(),
});

async function bringIn(
  events: readonly CostEvent[],
  wanted: CostEvent | undefined,
  { callSid }: CallRecord,
  services: LedgerServices,
): Promise<Finding> {
  const known = events.find(({ seq }) => seq === wanted?.seq);
  if (wanted === undefined) return 'known';
  if (known?.usage === wanted.usage && known.costUsd === wanted.costUsd) return 'known';
  await writeCarrierEvents(callSid, [wanted], services);
  return 'corrected';
}
