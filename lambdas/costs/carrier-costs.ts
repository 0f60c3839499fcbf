/** What the carrier tells of a call, as cost events. Told twice, or late, or in another order: the same events. */
import type { CostEvent } from '#core/costs/cost-event.ts';
import {
  legEstimateNumber,
  legNumber,
  machineDetectionNumber,
  numberOfSid,
} from '#core/costs/event-numbers.ts';
import { type Charge, priceCharge } from '#core/costs/price-charge.ts';
import { settleCall } from '#core/costs/settle-call.ts';
import type { CallSid } from '#core/ids.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import type { Services } from '../services.ts';

type CarrierServices = Pick<Services, 'clock' | 'config' | 'store' | 'telemetry'>;

interface Known {
  readonly charge: Charge;
  readonly seq: number;
  /** Our own estimate of the same thing. */
  readonly supersedes?: number;
}

/** Throws `ProviderError`. A call of which we have no record is not ours to account for. */
async function note(callSid: CallSid, services: CarrierServices, known: (record: CallRecord) => Known) {
  const { clock, config, store, telemetry } = services;
  const record = await store.find(callSid);
  if (record === undefined || record.direction === 'web') return;
  const { charge, seq, supersedes } = known(record);
  // Money is spent by the day the call is over, however late we are told.
  const at = record.endedAt === undefined ? clock.now() : new Date(record.endedAt);
  const events = priceCharge(charge, { callSid, seq, at, prices: config.prices }).map(
    (event): CostEvent => ({
      ...event,
      estimated: false,
      ...(supersedes === undefined ? {} : { supersedes }),
    }),
  );
  await store.putCostEvents(events);
  const revised = await settleCall(store, callSid);
  if (revised?.estimatedCostUsd != null)
    telemetry.log('info', {
      msg: 'cost.call.revised',
      callSid,
      estimatedCostUsd: revised.estimatedCostUsd,
    });
}

/** The whole call is over. Twilio bills every started minute of a leg that was answered, and no other. */
export async function noteLeg(
  callSid: CallSid,
  durationSecs: number,
  services: CarrierServices,
): Promise<void> {
  if (durationSecs <= 0) return;
  await note(callSid, services, ({ direction, tollFree }) => ({
    charge: {
      kind: 'call-leg',
      direction: direction === 'outbound' ? 'outbound' : 'inbound',
      seconds: durationSecs,
      tollFree: tollFree ?? false,
    },
    seq: legNumber,
    supersedes: legEstimateNumber,
  }));
}

/** @param legSid the carrier's id of the leg to the person the call was transferred to. */
export async function noteTransferLeg(
  callSid: CallSid,
  leg: { readonly legSid: string; readonly durationSecs: number },
  services: CarrierServices,
): Promise<void> {
  if (leg.durationSecs <= 0) return;
  await note(callSid, services, () => ({
    charge: { kind: 'call-leg', direction: 'outbound', seconds: leg.durationSecs },
    seq: numberOfSid(leg.legSid),
  }));
}

export const noteRecording = (
  callSid: CallSid,
  recording: { readonly recordingSid: string; readonly durationSecs: number },
  services: CarrierServices,
): Promise<void> =>
  note(callSid, services, () => ({
    charge: { kind: 'recording', seconds: recording.durationSecs },
    seq: numberOfSid(recording.recordingSid),
  }));

export const noteMachineDetection = (callSid: CallSid, services: CarrierServices): Promise<void> =>
  note(callSid, services, () => ({
    charge: { kind: 'answering-machine-detection' },
    seq: machineDetectionNumber,
  }));
