/** Random calls of every kind over real sockets: what our books say, against the books of the simulated vendors. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { CallLedger } from '#local/twilio/ledger.ts';
import {
  type Comparison,
  compareRound,
  playRound,
  type Round,
  summariesOf,
  wrongSums,
} from '#tests/support/books/compare-books.ts';
import { type CallKind, spokenTexts } from '#tests/support/books/plan.ts';
import { playKind } from '#tests/support/books/play-kind.ts';
import { type BilledService, billedServices } from '#tests/support/books/vendor-books.ts';
import { startWorld, type World } from '#tests/support/books/world.ts';

const seed = 7;
const callsEach = 2;
const lengths = { turnsMax: 1, stayMs: 5_000 };
/** What both sides may differ by: half a percent, which the benchmark shows on hundreds of calls. */
const partMax = 0.005;
/**
 * Of so few calls one is more than that. A caller who hangs up in the very moment in which a stream or a prompt is taken
 * leaves the two sides apart by it: one minute of a toll-free leg and its stream, one prompt that is in no cache.
 */
const oneCallUsd: Readonly<Record<BilledService, number>> = {
  anthropic: 0.001,
  'elevenlabs-tts': 0.0005,
  'elevenlabs-stt': 0.0005,
  twilio: 0.0265,
};
/** What a killed process may have bought in its last five seconds: a reply asked for and begun to be spoken. */
const lostCallUsd: Readonly<Record<BilledService, number>> = {
  anthropic: 0.005,
  'elevenlabs-tts': 0.02,
  'elevenlabs-stt': 0.0006,
  twilio: 0,
};

let world: World;
let talking: Round;
let takenAway: Round;

const kinds = (list: readonly CallKind[], base: number): Promise<readonly CallLedger[]> =>
  Promise.all(
    list.map((kind, i) =>
      playKind(world, {
        kind,
        calls: callsEach,
        seed: seed + base + i,
        atOnce: callsEach,
        lengths,
        replaces: false,
      }),
    ),
  ).then((ledgers) => ledgers.flat());

before(async () => {
  world = await startWorld({
    mediaServices: 3,
    recordedOnly: true,
    delays: { firstTokenMs: 150, thinkingMs: 0 },
  });
  await Promise.all(spokenTexts.map((text) => world.synthesiser.speak(text)));
  talking = await playRound(world, () =>
    kinds(['normal', 'interrupted', 'hung up', 'refused', 'transferred', 'outbound'], 0),
  );
  takenAway = await playRound(world, () => kinds(['killed', 'handed over'], 10));
  await world.closeStaleCalls();
});
after(() => world?.stop());

const lostOf = ({ calls }: Comparison) => calls.filter(({ record }) => record?.outcome === 'lost').length;

describe('The books of calls over real sockets', { concurrency: false }, () => {
  test('agree with those of every vendor on calls that ended in any way of their own', async () => {
    const { ours, theirs } = await compareRound(world, talking);

    for (const service of billedServices) {
      const [own, vendor] = [ours[service], theirs[service]];
      assert.ok(vendor.usd > 0);
      assert.ok(
        Math.abs(own.usd - vendor.usd) <= Math.max(vendor.usd * partMax, oneCallUsd[service]),
        `${service}: ${JSON.stringify(own)} against ${JSON.stringify(vendor)}`,
      );
    }
  });

  test('lose no more of a killed process than its last seconds, and nothing of a replaced one', async () => {
    const compared = await compareRound(world, takenAway);

    const lost = lostOf(compared);
    assert.ok(lost > 0);
    for (const service of billedServices) {
      const [own, vendor] = [compared.ours[service], compared.theirs[service]];
      const room = Math.max(vendor.usd * partMax, oneCallUsd[service]);
      assert.ok(
        own.usd <= vendor.usd + room + lost * 0.0005 &&
          own.usd >= vendor.usd - room - lost * lostCallUsd[service],
        `${service}: ${JSON.stringify(own)} against ${JSON.stringify(vendor)}, ${lost} lost`,
      );
    }
  });

  test('hold one summary for each call, whoever ended it, and each is the sum of its events', async () => {
    const told = summariesOf(world);
    const calls = [...talking.calls, ...takenAway.calls];

    assert.ok(calls.length >= 8 * callsEach);
    assert.deepEqual(
      calls.filter(({ callSid }) => told.get(callSid) !== 1),
      [],
    );
    for (const round of [talking, takenAway])
      assert.deepEqual(wrongSums((await compareRound(world, round)).calls), []);
  });

  test('are of every kind: refused, transferred, placed, killed', async () => {
    const rounds = await Promise.all([talking, takenAway].map((round) => compareRound(world, round)));

    const records = rounds.flatMap(({ calls }) => calls.map(({ record }) => record));
    const outcomes = new Set(records.map((record) => record?.outcome));
    for (const outcome of ['completed', 'refused', 'transferred', 'lost'] as const)
      assert.ok(outcomes.has(outcome), `no call was ${outcome}`);
    assert.ok(records.some((record) => record?.direction === 'outbound'));
    assert.ok(talking.calls.every(({ violations }) => violations.length === 0));
  });
});
