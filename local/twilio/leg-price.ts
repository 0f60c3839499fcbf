/** What a leg is billed: its started minutes, by the kind of number. */
import { defaultPrices } from '#core/costs/prices.ts';
import { isTollFree } from '#core/costs/toll-free.ts';
import type { LegNote } from './ledger.ts';

/** US dollars. */
export function legPriceUsd({ direction, to, billedMinutes }: LegNote): number {
  const { inboundLeg, inboundTollFreeLeg, outboundLeg } = defaultPrices;
  const perMinute = direction !== 'inbound' ? outboundLeg : isTollFree(to) ? inboundTollFreeLeg : inboundLeg;
  return billedMinutes * (perMinute.usd ?? 0);
}
