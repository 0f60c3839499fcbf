/** Whole calls on a virtual clock: what they cost by our books, against what the vendors would bill. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { budgetSettingsSchema } from '#core/costs/budgets.ts';
import { summarise } from '#core/costs/summarise.ts';
import { ProviderError } from '#core/errors.ts';
import { createCloseStaleCalls } from '#lambdas/jobs/close-stale-calls.ts';
import { testFunctions } from '#tests/lambdas/functions.ts';
import { priceOfBill, startBilledCall } from '#tests/support/billed-call.ts';
import { testBudgetGuard } from '#tests/support/budgets.ts';
import { createRandom } from '#tests/support/random.ts';
import { callSid, startVirtualCall } from '#tests/support/virtual-call.ts';

const utterances = [
  'can you help me please.',
  'what is a custody order.',
  'when is my hearing?',
  'okay thank you.',
];

describe('our books against the vendors', () => {
  for (const kind of ['normal', 'interrupted', 'failing', 'hung up', 'killed'] as const)
    test(`agree on calls that are ${kind}, to the cent and beyond`, async () => {
      for (let seed = 1; seed <= 3; seed += 1) {
        const random = createRandom(seed * 7 + kind.length);
        const call = startBilledCall({
          model: (_request, nth) =>
            kind === 'failing' && nth % 2 === 0
              ? {
                  text: 'Half of an',
                  fails: new ProviderError('Cut', { provider: 'anthropic', failure: 'unavailable' }),
                }
              : { text: 'Here is what I know about it. There is more to say, if you want to hear it.' },
        });
        await call.hearReply();
        for (let turn = 0; turn < 2; turn += 1) {
          await call.says(random.pick(utterances));
          if (kind === 'interrupted') {
            await call.clock.advance(random.whole(900, 1_699));
            await call.says('no wait I have another question.');
          }
          if (kind === 'hung up' && turn === 1) await call.clock.advance(random.whole(500, 1_399));
          else await call.hearReply();
        }

        if (kind === 'killed') {
          const functions = testFunctions({ services: { store: call.store } });
          await functions.clock.advance(10 * 60_000);
          await createCloseStaleCalls(functions.load)({}, {} as never);
          assert.equal(functions.lines.filter(({ msg }) => msg === 'cost.call.summary').length, 1);
        } else {
          await call.hangUp();
          assert.equal(call.telemetry.linesOf('cost.call.summary').length, 1);
        }

        const record = await call.record();
        const bill = priceOfBill(call.bill(kind === 'killed' ? { missingSecs: 5 } : {}));
        const ours = record?.costSummary?.costByService ?? {};
        assert.deepEqual(record?.costSummary, summarise(await call.store.costEvents(callSid)));
        for (const service of ['anthropic', 'elevenlabs-tts', 'elevenlabs-stt', 'twilio'] as const) {
          const [least, most] = bill[service];
          const own = ours[service] ?? 0;
          assert.ok(
            own >= least * 0.995 - 1e-9 && own <= most * 1.005 + 1e-9,
            `${service}, seed ${seed}: ${own} is not in ${least}–${most}`,
          );
        }
      }
    });
});

describe('a call with a budget of its own', () => {
  const cheap = (callUsd: number) => ({
    budgets: (
      ...world: Parameters<typeof testBudgetGuard> extends [infer C, infer T, ...unknown[]] ? [C, T] : never
    ) => testBudgetGuard(...world, { settings: budgetSettingsSchema.parse({ callUsd }) }),
  });

  test('ends politely within one turn of crossing two cents', async () => {
    const call = startVirtualCall(cheap(0.02));
    await call.hearReply();
    let turns = 0;
    while (call.phone.closed() === 'no' && turns < 12) {
      turns += 1;
      await call.says('please tell me more.');
      await call.hearReply().catch(() => undefined);
      await call.clock.advance(2_000);
    }

    const record = await call.record();
    assert.equal(record?.outcome, 'over-budget');
    assert.ok((record?.costSummary?.estimatedCostUsd ?? 0) >= 0.02);
    assert.ok(
      (record?.costSummary?.estimatedCostUsd ?? 1) < 0.05,
      String(record?.costSummary?.estimatedCostUsd),
    );
  });

  test('goes on when somebody is in danger', async () => {
    const call = startVirtualCall({
      ...cheap(0.02),
      model: () => ({ text: 'Please call nine one one now.' }),
    });
    await call.hearReply();
    await call.says('he is hitting me right now help.');
    await call.hearReply();
    for (let i = 0; i < 3; i += 1) {
      await call.says('please stay with me.');
      await call.hearReply();
    }

    assert.equal(call.phone.closed(), 'no');
    const spent = summarise(await call.store.costEvents(callSid)).estimatedCostUsd;
    assert.ok((spent ?? 0) > 0.02);
  });
});
