/** Hundreds of random calls over real sockets: our books against those of the simulated vendors. */

import { billOf, usdOfBill } from '#local/twilio/bill.ts';
import type { CallLedger } from '#local/twilio/ledger.ts';
import {
  type Comparison,
  compareRound,
  playRound,
  summariesOf,
  wrongSums,
} from '#tests/support/books/compare-books.ts';
import { type CallKind, callKinds, spokenTexts } from '#tests/support/books/plan.ts';
import { playKind } from '#tests/support/books/play-kind.ts';
import { type BilledService, billedServices, type Units } from '#tests/support/books/vendor-books.ts';
import { startWorld } from '#tests/support/books/world.ts';
import { startDatabaseProcess } from '../support/database.ts';

export interface ServiceFigures {
  readonly service: BilledService;
  readonly oursUsd: number;
  readonly theirsUsd: number;
  readonly ours: Units;
  readonly theirs: Units;
}

export interface KindFigures {
  readonly kind: CallKind;
  readonly calls: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly services: readonly ServiceFigures[];
}

export interface BooksFigures {
  readonly seed: number;
  readonly secs: number;
  readonly calls: number;
  /** Calls that were told as over exactly once, by all processes together. */
  readonly toldOnce: number;
  /** Calls whose summary is not the sum of their events. */
  readonly wrongSums: number;
  readonly kinds: readonly KindFigures[];
  /** Calls whose carrier bill is not what we say. */
  readonly wrongCarrierBills: readonly {
    readonly kind: CallKind;
    readonly oursUsd: number;
    readonly theirsUsd: number;
  }[];
}

const mediaServices = 2;
const atOnce = 40;

function servicesOf({ ours, theirs }: Comparison): readonly ServiceFigures[] {
  return billedServices.map((service) => ({
    service,
    oursUsd: ours[service].usd,
    theirsUsd: theirs[service].usd,
    ours: ours[service].units,
    theirs: theirs[service].units,
  }));
}

function carrierDifferences(kind: CallKind, ledgers: readonly CallLedger[], { calls }: Comparison) {
  return ledgers.flatMap((ledger) => {
    const record = calls.find(({ callSid }) => callSid === ledger.callSid)?.record;
    const oursUsd = record?.costSummary?.costByService.twilio ?? 0;
    const theirsUsd = usdOfBill(billOf(ledger));
    return Math.abs(oursUsd - theirsUsd) > 1e-9 ? [{ kind, oursUsd, theirsUsd }] : [];
  });
}

/** @param calls of all kinds together. */
export async function measureBooks(
  calls: number,
  { seed = 1, say = () => undefined }: { readonly seed?: number; readonly say?: (text: string) => void } = {},
): Promise<BooksFigures> {
  const beganMs = performance.now();
  const world = await startWorld({ mediaServices, startDatabase: startDatabaseProcess });
  try {
    await Promise.all(spokenTexts.map((text) => world.synthesiser.speak(text)));
    const rounds = [];
    for (const [i, kind] of callKinds.entries()) {
      const share = Math.floor(calls / callKinds.length) + (i < calls % callKinds.length ? 1 : 0);
      const round = await playRound(world, () =>
        playKind(world, { kind, calls: share, seed: seed * 100 + i, atOnce }),
      );
      say(`  ${share} calls ${kind}: ${Math.round((performance.now() - beganMs) / 1_000)} s`);
      rounds.push({ kind, round });
    }
    await world.closeStaleCalls();
    const told = summariesOf(world);
    const compared = [];
    for (const { kind, round } of rounds)
      compared.push({ kind, round, comparison: await compareRound(world, round) });
    const all = compared.flatMap(({ comparison }) => comparison.calls);
    return {
      seed,
      secs: (performance.now() - beganMs) / 1_000,
      calls: all.length,
      toldOnce: all.filter(({ callSid }) => told.get(callSid) === 1).length,
      wrongSums: wrongSums(all).length,
      kinds: compared.map(({ kind, comparison }) => ({
        kind,
        calls: comparison.calls.length,
        outcomes: countOutcomes(comparison),
        services: servicesOf(comparison),
      })),
      wrongCarrierBills: compared.flatMap(({ kind, round, comparison }) =>
        carrierDifferences(kind, round.calls, comparison),
      ),
    };
  } finally {
    await world.stop();
  }
}

function countOutcomes({ calls }: Comparison): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { record } of calls) {
    const outcome = record?.outcome ?? 'open';
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}
