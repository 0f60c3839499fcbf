/** What every store of budgets and alerts must do. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { budgetAlert } from '#core/costs/alerts.ts';
import type { AlertStore, BudgetStore } from '#core/ports/budget-store.ts';

export interface BudgetStoreSubject {
  readonly budgets: BudgetStore;
  readonly alerts: AlertStore;
  close(): Promise<void>;
}

const account = (name: string, limitUsd: number) => ({ name, period: '2026-11-21', limitUsd });

export function describeBudgetStoreContract(
  name: string,
  makeSubject: () => Promise<BudgetStoreSubject>,
): void {
  describe(name, () => {
    let subject: BudgetStoreSubject;
    before(async () => {
      subject = await makeSubject();
    });
    after(() => subject.close());

    test('grants no more than the limit, whoever asks at the same time', async () => {
      const shared = account('KEY#crowd', 0.5);

      const takes = await Promise.all(Array.from({ length: 50 }, () => subject.budgets.take([shared], 0.05)));

      assert.equal(takes.filter(({ granted }) => granted).length, 10);
      assert.deepEqual(await subject.budgets.taken([shared]), [0.5]);
    });

    test('grants again what was given back, and counts what was spent without asking', async () => {
      const own = account('KEY#own', 0.1);
      await subject.budgets.take([own], 0.1);
      await subject.budgets.adjust(own, -0.05);

      const again = await subject.budgets.take([own], 0.05);
      const beyond = await subject.budgets.adjust(own, 0.02);

      assert.deepEqual([again, beyond], [{ granted: true, takenUsd: [0.1] }, 0.12]);
    });

    test('grants nothing that is more than the whole limit', async () => {
      const small = account('KEY#small', 0.01);

      assert.deepEqual(await subject.budgets.take([small], 0.05), { granted: false, refused: small });
      assert.deepEqual(await subject.budgets.taken([small]), [0]);
    });

    test('takes out of the day and the month at once, or out of neither', async () => {
      const day = account('STAGE', 1);
      const month = { ...day, period: '2026-11', limitUsd: 0.12 };
      const nextDay = { ...day, period: '2026-11-22' };

      const takes = [
        await subject.budgets.take([day, month], 0.05),
        await subject.budgets.take([nextDay, month], 0.05),
        await subject.budgets.take([nextDay, month], 0.05),
      ];

      assert.deepEqual(takes, [
        { granted: true, takenUsd: [0.05, 0.05] },
        { granted: true, takenUsd: [0.05, 0.1] },
        { granted: false, refused: month },
      ]);
      assert.deepEqual(await subject.budgets.taken([month, day, nextDay]), [0.1, 0.05, 0.05]);
    });

    test('tells what is taken in the order asked, 0 where nothing was', async () => {
      const [a, b] = [account('KEY#a', 1), account('KEY#b', 1)];
      await subject.budgets.take([b], 0.25);

      assert.deepEqual(await subject.budgets.taken([a, b]), [0, 0.25]);
    });

    test('raises an alert once, lists the newest first, and closes it once', async () => {
      const first = budgetAlert(account('KEY#x', 1), 0.8, 0.8, new Date('2026-11-21T10:00:00Z'));
      const second = budgetAlert(account('KEY#x', 1), 1, 1, new Date('2026-11-21T11:00:00Z'));

      const raised = [
        await subject.alerts.raise(first),
        await subject.alerts.raise(second),
        await subject.alerts.raise({ ...first, raisedAt: second.raisedAt }),
      ];
      await subject.alerts.resolve(first.id, new Date('2026-11-21T12:00:00Z'));
      await subject.alerts.resolve(first.id, new Date('2026-11-21T13:00:00Z'));
      await subject.alerts.resolve('nothing', new Date('2026-11-21T13:00:00Z'));

      assert.deepEqual(raised, [true, true, false]);
      assert.deepEqual(await subject.alerts.alerts(), [
        second,
        { ...first, resolvedAt: '2026-11-21T12:00:00.000Z' },
      ]);
    });
  });
}
