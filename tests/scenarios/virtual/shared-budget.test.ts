/** Fifty whole calls of one key at the same time, by the real sessions, on one clock and one budget. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budgetSettingsSchema, turnReserveUsd } from '#core/costs/budgets.ts';
import {
  createInMemoryAlertStore,
  createInMemoryBudgetStore,
  testBudgetGuard,
} from '#tests/support/budgets.ts';
import { createRecordingTelemetry } from '#tests/support/scripted-ports.ts';
import { startVirtualCall } from '#tests/support/virtual-call.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';

const callsAtOnce = 50;
const limitUsd = 1.5;
const who = { keyId: 'crm', callerHash: 'hash' };
const words = 'please tell me more.'.split(' ');
const wordMs = 300;
/** A long answer: about a cent and a half of speech. */
const answer = 'Here is what I know about it, and there is quite a lot to say about it today. '.repeat(4);

test('fifty calls of one key never cost more than its budget and one turn, and say goodbye', async () => {
  const clock = createVirtualClock();
  const telemetry = createRecordingTelemetry();
  const budgets = createInMemoryBudgetStore();
  const alerts = createInMemoryAlertStore();
  const settings = budgetSettingsSchema.parse({ key: { dayUsd: limitUsd } });
  const guard = testBudgetGuard(clock, telemetry, { settings, budgets, alerts });
  const accounts = guard.accounts(who);
  const reserved = await Promise.all(Array.from({ length: callsAtOnce }, () => guard.reserve(accounts)));
  const calls = reserved.flatMap((one) =>
    one.ok
      ? [
          startVirtualCall({
            clock,
            budgets: () => guard,
            model: () => ({ text: answer }),
            claims: { keyId: who.keyId, callerHash: who.callerHash, allowanceUsd: one.allowanceUsd },
          }),
        ]
      : [],
  );
  const open = () => calls.filter(({ phone }) => phone.closed() === 'no');

  await clock.advance(4_000);
  for (let turn = 0; turn < 6 && open().length > 0; turn += 1) {
    for (const [i] of words.entries()) {
      for (const { recogniser, makesSound } of open()) {
        makesSound(true);
        recogniser.interim(words.slice(0, i + 1).join(' '));
      }
      await clock.advance(wordMs);
    }
    for (const { makesSound } of open()) makesSound(false);
    await clock.advance(25_000);
  }

  const records = await Promise.all(calls.map((call) => call.record()));
  const spentUsd = records.reduce((sum, record) => sum + (record?.costSummary?.estimatedCostUsd ?? 0), 0);
  const [takenUsd = 0] = await budgets.taken(accounts);
  assert.equal(calls.length, 30);
  assert.deepEqual(new Set(records.map((record) => record?.outcome)), new Set(['over-budget']));
  assert.ok(spentUsd > limitUsd / 2, String(spentUsd));
  assert.ok(spentUsd <= limitUsd + turnReserveUsd, String(spentUsd));
  assert.ok(Math.abs(takenUsd - spentUsd) < 1e-6, `${takenUsd} is not ${spentUsd}`);
  assert.deepEqual((await alerts.open()).map(({ threshold }) => threshold).toSorted(), [0.8, 0.95, 1]);
});
