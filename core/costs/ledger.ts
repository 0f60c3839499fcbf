/** One call's cost events: numbered, summed, and handed over in batches to be stored. */
import type { CallSid } from '../ids.ts';
import type { CostSummary } from '../records/call-record.ts';
import type { CostEvent } from './cost-event.ts';
import { legEstimateNumber, runningNumbersMax } from './event-numbers.ts';
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
  /** Where numbers begin at least, when events before could not be read. */
  readonly firstSeq?: number;
}

export interface Ledger {
  /** Call it when the money is spent, whether or not the interaction succeeded. */
  record(charge: Charge, at: Date): readonly CostEvent[];
  /**
   * Like `record` for what is still growing: called again under the same name, its events take the place of those
   * before, and what is no longer bought is taken back: an estimate that the vendor's count replaces may have been of
   * other kinds. A call's leg has one fixed number, and goes on where an earlier process left it.
   */
  meter(name: string, charge: Charge, at: Date): void;
  /**
   * Events to store: new ones, and metered ones that have another cost than when they were last handed over.
   * @param all also metered ones of which nothing but the measure has changed.
   */
  pending(options?: { readonly all?: boolean }): readonly CostEvent[];
  usage(): CallUsage;
  summary(): CostSummary;
  /** Dollars so far; `null` once something was bought at an unknown price. */
  totalUsd(): number | null;
  /** Dollars so far of everything whose price is known: what a limit is checked against. */
  knownUsd(): number;
  /** Unknown prices met so far, each once: one `cost.alert` line each. */
  alerts(): readonly UnknownPrice[];
}

const worthStoring = (last: CostEvent | undefined, event: CostEvent): boolean =>
  last === undefined || last.costUsd !== event.costUsd || last.outcome !== event.outcome;

export function createLedger(options: LedgerOptions): Ledger {
  const { callSid, prices, earlier = [], firstSeq = 0 } = options;
  const bySeq = new Map(earlier.map((event) => [event.seq, event]));
  const legBefore = bySeq.get(legEstimateNumber)?.measuredSecs ?? 0;
  const lastSeq = Math.max(-1, ...[...bySeq.keys()].filter((seq) => seq < runningNumbersMax));
  let nextSeq = Math.max(firstSeq, lastSeq + 1);
  const touched = new Set<number>();
  const handedOver = new Map<number, CostEvent>();
  /** By name and kind of charge: the number of each operation. */
  const metered = new Map<string, Map<string, number>>();
  const events = () => [...bySeq.values()];

  const keep = (event: CostEvent) => {
    bySeq.set(event.seq, event);
    touched.add(event.seq);
  };
  const numberFor = (operations: Map<string, number>, charge: Charge, { operation }: CostEvent) => {
    if (charge.kind === 'call-leg') return legEstimateNumber;
    const known = operations.get(operation);
    if (known !== undefined) return known;
    const seq = nextSeq;
    nextSeq += 1;
    operations.set(operation, seq);
    return seq;
  };
  const takeBack = (seq: number, at: Date) => {
    const event = bySeq.get(seq);
    if (event !== undefined && event.usage > 0)
      keep({ ...event, at: at.toISOString(), usage: 0, costUsd: 0 });
  };

  return {
    record(charge, at) {
      const made = priceCharge(charge, { callSid, seq: nextSeq, at, prices });
      made.forEach(keep);
      nextSeq += made.length;
      return made;
    },
    meter(name, charge, at) {
      const whole = charge.kind === 'call-leg' ? { ...charge, seconds: charge.seconds + legBefore } : charge;
      const key = `${charge.kind} ${name}`;
      const operations = metered.get(key) ?? new Map<string, number>();
      metered.set(key, operations);
      const made = priceCharge(whole, { callSid, seq: 0, at, prices });
      for (const [operation, seq] of operations)
        if (!made.some((event) => event.operation === operation)) takeBack(seq, at);
      for (const event of made) keep({ ...event, seq: numberFor(operations, whole, event) });
    },
    pending({ all = false } = {}) {
      const due: CostEvent[] = [];
      for (const seq of touched) {
        const event = bySeq.get(seq);
        if (event === undefined || !(all || worthStoring(handedOver.get(seq), event))) continue;
        due.push(event);
        handedOver.set(seq, event);
        touched.delete(seq);
      }
      return due;
    },
    usage: () => usageOf(events()),
    summary: () => summarise(events()),
    totalUsd: () => totalUsdOf(events()),
    knownUsd: () => knownUsdOf(events()),
    alerts: () => unknownPricesOf(events()),
  };
}
