/** What the carrier tells of a call, as cost events. Told twice, or late, or in another order: the same events. */
import type { CostEvent } from '#core/costs/cost-event.ts';
import {
  legEstimateNumber,
  legNumber,
  machineDetectionNumber,
  numberOfSid,
} from '#core/costs/event-numbers.ts';
import { roundUsd } from '#core/costs/money.ts';
import { type Charge, priceCharge } from '#core/costs/price-charge.ts';
import type { Prices } from '#core/costs/prices.ts';
import { settleCall } from '#core/costs/settle-call.ts';
import type { CallSid } from '#core/ids.ts';
import type { CallRecord, CallStatus } from '#core/records/call-record.ts';
import type { Services } from '../services.ts';

type CarrierServices = Pick<Services, 'clock' | 'config' | 'store' | 'telemetry'>;

/** Throws `ProviderError`. A call of which we have no record is not ours to account for. */
async function note(
  callSid: CallSid,
  services: CarrierServices,
  eventOf: (record: CallRecord) => CostEvent | undefined,
): Promise<void> {
  const record = await services.store.find(callSid);
  if (record === undefined || record.direction === 'web') return;
  const event = eventOf(record);
  if (event !== undefined) await writeCarrierEvents(callSid, [event], services);
}

/** Throws `ProviderError`. */
export async function writeCarrierEvents(
  callSid: CallSid,
  events: readonly CostEvent[],
  { store, telemetry }: Pick<Services, 'store' | 'telemetry'>,
): Promise<void> {
  await store.putCostEvents(events);
  const revised = await settleCall(store, callSid);
  if (revised?.estimatedCostUsd != null)
    telemetry.log('info', {
      msg: 'cost.call.revised',
      callSid,
      estimatedCostUsd: revised.estimatedCostUsd,
    });
}

/** Money is spent by the day the call is over, however late we are told. */
function eventOf(
  record: CallRecord,
  charge: Charge,
  seq: number,
  services: CarrierServices,
): CostEvent | undefined {
  const { callSid, endedAt } = record;
  const at = endedAt === undefined ? services.clock.now() : new Date(endedAt);
  const [event] = priceCharge(charge, { callSid, seq, at, prices: services.config.prices });
  return event && { ...event, estimated: false };
}

/**
 * The call's own leg as it is billed: every started minute of it, and nothing when nobody answered.
 *
 * @param priceUsd what the carrier has charged, where it is known: the account's price, not the table's.
 */
export function legEvent(
  { callSid, direction, tollFree, endedAt }: CallRecord,
  leg: { readonly durationSecs: number; readonly priceUsd?: number; readonly at: Date },
  prices: Prices,
): CostEvent | undefined {
  const charge = {
    kind: 'call-leg',
    direction: direction === 'outbound' ? 'outbound' : 'inbound',
    seconds: leg.durationSecs,
    tollFree: tollFree ?? false,
  } as const;
  const at = endedAt === undefined ? leg.at : new Date(endedAt);
  const [event] = priceCharge(charge, { callSid, seq: legNumber, at, prices });
  return event && asBilled({ ...event, supersedes: legEstimateNumber }, leg.priceUsd);
}

/** @param legSid the carrier's id of a leg that was dialled into the call. */
export function transferLegEvent(
  { callSid, endedAt }: CallRecord,
  leg: {
    readonly legSid: string;
    readonly durationSecs: number;
    readonly priceUsd?: number;
    readonly at: Date;
  },
  prices: Prices,
): CostEvent | undefined {
  const at = endedAt === undefined ? leg.at : new Date(endedAt);
  const charge = { kind: 'call-leg', direction: 'outbound', seconds: leg.durationSecs } as const;
  const [event] = priceCharge(charge, { callSid, seq: numberOfSid(leg.legSid), at, prices });
  return event && asBilled(event, leg.priceUsd);
}

function asBilled(event: CostEvent, priceUsd: number | undefined): CostEvent {
  const { usage } = event;
  if (priceUsd === undefined) return { ...event, estimated: false };
  // A leg of half a second is told to last none, and is billed a minute all the same.
  const minutes = usage === 0 && priceUsd > 0 ? 1 : usage;
  const unitPriceUsd = minutes === 0 ? event.unitPriceUsd : roundUsd(priceUsd / minutes);
  return { ...event, usage: minutes, unitPriceUsd, costUsd: roundUsd(priceUsd), estimated: false };
}

/**
 * The whole call is over. Twilio bills every started minute of a leg that was answered, and no other: what we had
 * counted of one that nobody answered, such as a caller who was to be refused and had hung up, is taken back.
 */
export async function noteLeg(
  callSid: CallSid,
  { status, durationSecs }: { readonly status: CallStatus; readonly durationSecs: number },
  services: CarrierServices,
): Promise<void> {
  if (durationSecs <= 0) {
    // Half a second is told as none, and billed.
    if (status === 'completed') return;
    const counted = await services.store.costEvents(callSid);
    if (!counted.some(({ seq }) => seq === legEstimateNumber)) return;
  }
  await note(callSid, services, (record) =>
    legEvent(record, { durationSecs, at: services.clock.now() }, services.config.prices),
  );
}

/** @param legSid the carrier's id of the leg to the person the call was transferred to. */
export async function noteTransferLeg(
  callSid: CallSid,
  leg: { readonly legSid: string; readonly durationSecs: number },
  services: CarrierServices,
): Promise<void> {
  if (leg.durationSecs <= 0) return;
  await note(callSid, services, (record) =>
    transferLegEvent(record, { ...leg, at: services.clock.now() }, services.config.prices),
  );
}

export const noteRecording = (
  callSid: CallSid,
  { recordingSid, durationSecs }: { readonly recordingSid: string; readonly durationSecs: number },
  services: CarrierServices,
): Promise<void> =>
  note(callSid, services, (record) =>
    eventOf(record, { kind: 'recording', seconds: durationSecs }, numberOfSid(recordingSid), services),
  );

export const noteMachineDetection = (callSid: CallSid, services: CarrierServices): Promise<void> =>
  note(callSid, services, (record) =>
    eventOf(record, { kind: 'answering-machine-detection' }, machineDetectionNumber, services),
  );
