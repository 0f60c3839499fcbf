/** One call's cost events: numbered, summed, and handed over in batches to be stored. */
import type { CallSid } from '../ids.ts';
import type { CostSummary } from '../records/call-record.ts';
import type { CostEvent } from './cost-event.ts';
import { type Charge, priceCharge } from './price-charge.ts';
import type { Prices } from './prices.ts';
import {
  knownUsdOf,
  summarise,
  totalUsdOf,
  type UnknownPrice,
  unknownPricesOf,
  usageOf,
} from './summarise.ts';
import type { CallUsage } from './usage.ts';

export interface LedgerOptions {
  readonly callSid: CallSid;
  readonly prices: Prices;
  /** Events stored by the process that ran the call before: they count, and the numbers go on after them. */
  readonly earlier?: readonly CostEvent[];
}

export interface Ledger {
  /** Call it when the money is spent, whether or not the interaction succeeded. */
  record(charge: Charge, at: Date): readonly CostEvent[];
  /** Events not yet handed over for storing; each is handed over once. */
  pending(): readonly CostEvent[];
  usage(): CallUsage;
  summary(): CostSummary;
  /** Dollars so far; `null` once something was bought at an unknown price. */
  totalUsd(): number | null;
  /** Dollars so far of everything whose price is known: what a limit is checked against. */
  knownUsd(): number;
  /** Unknown prices met so far, each once: one `cost.alert` line each. */
  alerts(): readonly UnknownPrice[];
}

export function createLedger(options: LedgerOptions): Ledger {
  const { callSid, prices } = options;
  const bySeq = new Map((options.earlier ?? []).map((event) => [event.seq, event]));
  let nextSeq = Math.max(-1, ...bySeq.keys()) + 1;
  let waiting: CostEvent[] = [];
  const events = () => [...bySeq.values()];

  return {
    record(charge, at) {
      const made = priceCharge(charge, { callSid, seq: nextSeq, at, prices });
      for (const event of made) bySeq.set(event.seq, event);
      nextSeq += made.length;
      waiting.push(...made);
      return made;
    },
    pending() {
      const taken = waiting;
      waiting = [];
      return taken;
    },
    usage: () => usageOf(events()),
    summary: () => summarise(events()),
    totalUsd: () => totalUsdOf(events()),
    knownUsd: () => knownUsdOf(events()),
    alerts: () => unknownPricesOf(events()),
  };
}
