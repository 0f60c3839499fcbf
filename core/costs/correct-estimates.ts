/**
 * What a vendor has counted in a day, spread over our own counts of that day: its report knows no calls, our events
 * know no truth. Pure; calls come as a stream, twice: once to be counted, once to be corrected.
 */
import type { CostEvent } from './cost-event.ts';
import { correctionNumberOf, correctionsFrom } from './event-numbers.ts';
import { roundUsd } from './money.ts';
import { operations } from './price-charge.ts';
import { settledEvents } from './settled.ts';

/** The whole of a day's use of one thing, as the vendor counts it. */
export interface VendorCount {
  readonly operation: string;
  /** Without date suffix; left out where the report does not tell. */
  readonly model?: string;
  /** In the unit of our events of this operation. */
  readonly usage: number;
}

/**
 * How much more than our own count the truth may be and still be about the same things; what is beyond is somebody
 * else's use of the account, or events that were lost, and stays a difference.
 * - tokens of a reply that was left: we see its text, the vendor may have written on
 * - characters and seconds: we count what we send, so that hardly more can be true
 */
const factorMaxOf: Readonly<Record<string, number>> = {
  [operations.output]: 2,
  [operations.live]: 1.1,
  [operations.recognition]: 1.1,
};

/** Reports round, and a call lies over their midnight: what is nearer than this is right. */
const tolerancePart = 0.001;

/** Of seconds, milliseconds are counted; of everything else, whole ones. */
const stepsPerUnit = ({ unit }: Pick<CostEvent, 'unit'>): number => (unit === 'second' ? 1_000 : 1);

const dateSuffix = /-\d{8}$/;

interface Sum {
  readonly count: VendorCount;
  /** Events that are the vendor's own count. */
  certain: number;
  /** Our own counts as they were written first. */
  estimated: number;
  /** What stands in their place now. */
  current: number;
}

/** One thing whose events are to be corrected. */
export interface Correction {
  readonly operation: string;
  readonly model?: string;
  /** Our own counts were this much together. */
  readonly estimated: number;
  /** And are to be this much. */
  readonly target: number;
}

export interface EstimateCount {
  /** @param events of one call that lie in the day; see `eventsToCorrect`. */
  add(events: readonly CostEvent[]): void;
  /** Use of the day that is known without events: it counts as certain. */
  addCertain(operation: string, usage: number): void;
  /** What differs from the vendor's count. Nothing is said of a service of which the report holds nothing yet. */
  corrections(): readonly Correction[];
}

const isCorrection = ({ seq }: CostEvent) => seq >= correctionsFrom;

const concerns = ({ operation, model }: VendorCount | Correction, event: CostEvent): boolean =>
  event.operation === operation &&
  (model === undefined || event.model?.replace(dateSuffix, '') === model.replace(dateSuffix, ''));

/** Our own counts among the events of a call, as they were before any correction. */
const estimatesIn = (events: readonly CostEvent[]): readonly CostEvent[] =>
  settledEvents(events.filter((event) => !isCorrection(event))).filter(({ estimated }) => estimated);

/** @param counts of one service. */
export function countEstimates(counts: readonly VendorCount[]): EstimateCount {
  const sums = counts.map((count): Sum => ({ count, certain: 0, estimated: 0, current: 0 }));
  const reported = counts.reduce((sum, { usage }) => sum + usage, 0);
  return {
    add(events) {
      for (const event of settledEvents(events)) {
        const sum = sums.find(({ count }) => concerns(count, event));
        if (sum && (event.estimated || isCorrection(event))) sum.current += event.usage;
        else if (sum) sum.certain += event.usage;
      }
      for (const event of estimatesIn(events)) {
        const sum = sums.find(({ count }) => concerns(count, event));
        if (sum) sum.estimated += event.usage;
      }
    },
    addCertain(operation, usage) {
      const alike = sums.filter(({ count }) => count.operation === operation);
      const whole = alike.reduce((sum, { count }) => sum + count.usage, 0);
      for (const sum of alike) sum.certain += whole === 0 ? 0 : usage * (sum.count.usage / whole);
    },
    corrections: () => (reported === 0 ? [] : sums.flatMap(correctionOf)),
  };
}

function correctionOf({ count, certain, estimated, current }: Sum): readonly Correction[] {
  const { operation, model, usage } = count;
  const most = estimated * (factorMaxOf[operation] ?? 1);
  const target = Math.min(Math.max(usage - certain, 0), most);
  if (estimated === 0 || Math.abs(target - current) <= Math.max(usage, current) * tolerancePart) return [];
  return [{ operation, ...(model === undefined ? {} : { model }), estimated, target }];
}

/**
 * Each of our own counts gets its share; together they are the target to the last unit.
 * @returns takes the events of one call after the other (see `EstimateCount.add`) and gives those that take the place
 * of its own counts: the same whenever the same calls come in the same order.
 */
export function spread(
  corrections: readonly Correction[],
): (events: readonly CostEvent[]) => readonly CostEvent[] {
  const given = corrections.map(() => ({ before: 0, after: 0 }));
  return (events) =>
    estimatesIn(events).flatMap((event) => {
      const i = corrections.findIndex((correction) => concerns(correction, event));
      const [correction, sum] = [corrections[i], given[i]];
      if (!correction || !sum) return [];
      const steps = stepsPerUnit(event);
      sum.before += event.usage;
      // Of the sum, not of each: what is rounded off here is given to the next.
      const share = Math.min(1, sum.before / correction.estimated);
      const after = Math.round(correction.target * share * steps);
      const usage = (after - sum.after) / steps;
      sum.after = after;
      return [corrected(event, usage)];
    });
}

function corrected(event: CostEvent, usage: number): CostEvent {
  const { seq, unitPriceUsd } = event;
  const costUsd = usage === 0 ? 0 : unitPriceUsd === null ? null : roundUsd(usage * unitPriceUsd);
  return { ...event, seq: correctionNumberOf(seq), usage, costUsd, estimated: false, supersedes: seq };
}
