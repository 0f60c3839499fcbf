/** One round of calls, and what both sides say it has cost. */
import type { CallSid } from '#core/ids.ts';
import type { CallLedger } from '#local/twilio/ledger.ts';
import { eventually } from '#tests/support/running-stack.ts';
import { isSumOfEvents, type OurCall, readCall, sumOf } from './our-books.ts';
import { type Books, billedServices, booksOf, readCounts, type VendorCounts } from './vendor-books.ts';
import type { World } from './world.ts';

export interface Round {
  readonly calls: readonly CallLedger[];
  readonly theirs: Books;
}

export interface Comparison {
  readonly calls: readonly OurCall[];
  readonly ours: Books;
  readonly theirs: Books;
  /** Ours less theirs, by the larger; 0.01 is one percent. */
  readonly difference: Readonly<Record<(typeof billedServices)[number], number>>;
}

/** Vendors are done when their counts stand still for this long. */
const stillMs = 600;
const stillTimeoutMs = 20_000;

/** The embedded database answers one after the other. */
const readAtOnce = 4;

async function countsAtRest(world: World): Promise<VendorCounts> {
  let last = await readCounts(world.vendors);
  let sinceMs = performance.now();
  return eventually(async () => {
    const now = await readCounts(world.vendors);
    if (JSON.stringify(now) !== JSON.stringify(last)) {
      last = now;
      sinceMs = performance.now();
    }
    return performance.now() - sinceMs >= stillMs ? now : undefined;
  }, stillTimeoutMs);
}

/** Nothing else may use the vendors meanwhile. */
export async function playRound(world: World, play: () => Promise<readonly CallLedger[]>): Promise<Round> {
  const before = await countsAtRest(world);
  const calls = await play();
  const after = await countsAtRest(world);
  return { calls, theirs: booksOf(before, after, calls) };
}

/** When all is over, also what only the stale-call job ends. */
export async function compareRound(world: World, { calls, theirs }: Round): Promise<Comparison> {
  const own: OurCall[] = [];
  for (let at = 0; at < calls.length; at += readAtOnce) {
    const some = calls.slice(at, at + readAtOnce);
    own.push(...(await Promise.all(some.map(({ callSid }) => readCall(world.store, callSid as CallSid)))));
  }
  const ours = sumOf(own);
  const difference = Object.fromEntries(
    billedServices.map((service) => {
      const [a, b] = [ours[service].usd, theirs[service].usd];
      return [service, (a - b) / Math.max(a, b, Number.MIN_VALUE)];
    }),
  ) as Comparison['difference'];
  return { calls: own, ours, theirs, difference };
}

/** Calls whose summary is not the sum of their events. */
export const wrongSums = (calls: readonly OurCall[]): readonly OurCall[] =>
  calls.filter((call) => !isSumOfEvents(call));

/** How often each call was told as over, by all processes together. */
export function summariesOf(world: World): ReadonlyMap<string, number> {
  const told = new Map<string, number>();
  for (const line of world.lines()) {
    if (line['msg'] !== 'cost.call.summary') continue;
    const callSid = String(line['callSid']);
    told.set(callSid, (told.get(callSid) ?? 0) + 1);
  }
  return told;
}
