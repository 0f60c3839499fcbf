/** What one call costs at Twilio: every started minute of every leg and stream, and what is bought by the call. */
import { defaultPrices } from '#core/costs/prices.ts';
import { isTollFree } from '#core/costs/toll-free.ts';
import type { CallLedger, LegNote } from './ledger.ts';

export interface TwilioBill {
  readonly inboundMinutes: number;
  readonly tollFreeMinutes: number;
  /** Calls that the account placed, and people that a caller was transferred to. */
  readonly outboundMinutes: number;
  readonly streamMinutes: number;
  readonly machineDetections: number;
}

const prices: Readonly<Record<keyof TwilioBill, number>> = {
  inboundMinutes: defaultPrices.inboundLeg.usd ?? 0,
  tollFreeMinutes: defaultPrices.inboundTollFreeLeg.usd ?? 0,
  outboundMinutes: defaultPrices.outboundLeg.usd ?? 0,
  streamMinutes: defaultPrices.mediaStream.usd ?? 0,
  machineDetections: defaultPrices.answeringMachineDetection.usd ?? 0,
};

const isInbound = ({ direction }: LegNote) => direction === 'inbound';

export function billOf(call: CallLedger): TwilioBill {
  const legs: readonly LegNote[] = [call, ...call.legs];
  const minutes = (matches: (leg: LegNote) => boolean) =>
    legs.filter(matches).reduce((sum, { billedMinutes }) => sum + billedMinutes, 0);
  return {
    inboundMinutes: minutes((leg) => isInbound(leg) && !isTollFree(leg.to)),
    tollFreeMinutes: minutes((leg) => isInbound(leg) && isTollFree(leg.to)),
    outboundMinutes: minutes((leg) => !isInbound(leg)),
    streamMinutes: call.streamMinutes,
    machineDetections: call.machineDetections,
  };
}

export function addBills(bills: readonly TwilioBill[]): TwilioBill {
  const sum = (name: keyof TwilioBill) => bills.reduce((total, bill) => total + bill[name], 0);
  return {
    inboundMinutes: sum('inboundMinutes'),
    tollFreeMinutes: sum('tollFreeMinutes'),
    outboundMinutes: sum('outboundMinutes'),
    streamMinutes: sum('streamMinutes'),
    machineDetections: sum('machineDetections'),
  };
}

/** US dollars. */
export const usdOfBill = (bill: TwilioBill): number =>
  (Object.keys(prices) as (keyof TwilioBill)[]).reduce((usd, name) => usd + bill[name] * prices[name], 0);
