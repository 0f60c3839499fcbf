import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { budgetSettingsSchema } from '#core/costs/budgets.ts';
import { createCallBudget } from '#media-service/call-budget.ts';
import {
  createInMemoryAlertStore,
  createInMemoryBudgetStore,
  testBudgetGuard,
} from '#tests/support/budgets.ts';
import { createRecordingTelemetry } from '#tests/support/scripted-ports.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));
const who = { keyId: 'crm', callerHash: 'h' };

function setUp(settings: object) {
  const clock = createVirtualClock();
  const telemetry = createRecordingTelemetry();
  const budgets = createInMemoryBudgetStore();
  const alerts = createInMemoryAlertStore();
  const guard = testBudgetGuard(clock, telemetry, {
    settings: budgetSettingsSchema.parse(settings),
    budgets,
    alerts,
  });
  const takenOf = async () => (await budgets.taken(guard.accounts(who)))[0] ?? 0;
  return { guard, telemetry, alerts, takenOf };
}

describe('fifty calls of one key at the same time', () => {
  test('never overrun its budget by more than the turn that each is in, and never lose what was given back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 12 }), {
          minLength: 50,
          maxLength: 50,
        }),
        fc.integer({ min: 5, max: 150 }),
        async (plans, limitCents) => {
          const limitUsd = limitCents / 100;
          const { guard, takenOf } = setUp({ key: { dayUsd: limitUsd } });
          let spentUsd = 0;
          const call = async (turns: readonly number[]) => {
            const reserved = await guard.reserve(guard.accounts(who));
            if (!reserved.ok) return;
            let over = false;
            let own = 0;
            const budget = createCallBudget({
              guard,
              who,
              reservedUsd: reserved.allowanceUsd,
              spentBeforeUsd: 0,
              onOver: () => {
                over = true;
              },
              onFailure: (error) => assert.fail(String(error)),
            });
            for (const milli of turns) {
              if (over) break;
              own += milli / 1000;
              spentUsd += milli / 1000;
              budget.spent(own);
              await settle();
            }
            await budget.close(own);
          };

          await Promise.all(plans.map(call));

          // A turn of this property costs at most 2.5 cents, less than the reserve every call holds back.
          assert.ok(spentUsd <= limitUsd + 1e-9, `${spentUsd} of ${limitUsd}`);
          assert.ok(Math.abs((await takenOf()) - spentUsd) < 1e-6);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('the budget of a key', () => {
  test('warns at 80 and 95 percent and when it is used up, each once', async () => {
    const { guard, telemetry, alerts } = setUp({ key: { dayUsd: 0.2 } });

    for (let i = 0; i < 7; i += 1) await guard.reserve(guard.accounts(who));

    const lines = telemetry.linesOf('cost.alert');
    assert.deepEqual(
      lines.map(({ subject, threshold, severity }) => [subject, threshold, severity]),
      [
        ['KEY#crm', 0.8, 'warning'],
        ['KEY#crm', 0.95, 'critical'],
        ['KEY#crm', 1, 'critical'],
      ],
    );
    assert.equal((await alerts.alerts()).length, 3);
  });

  test('of its own goes before the one for every key', async () => {
    const { guard } = setUp({ key: { dayUsd: 0.01 }, keys: { crm: { dayUsd: 5 } } });

    assert.equal((await guard.reserve(guard.accounts(who))).ok, true);
    assert.equal((await guard.reserve(guard.accounts({ ...who, keyId: 'other' }))).ok, false);
  });

  test('takes nothing from one budget when another refuses', async () => {
    const { guard, takenOf } = setUp({ caller: { dayUsd: 1 }, stage: { dayUsd: 0.01 } });

    const { ok } = await guard.reserve(guard.accounts(who));

    assert.deepEqual([ok, await takenOf()], [false, 0]);
  });
});
