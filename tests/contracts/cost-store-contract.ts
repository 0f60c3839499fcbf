/** What every cost store must do. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { wholeCall } from '#core/costs/contribution.ts';
import { compareNames } from '#core/costs/names.ts';
import { summarise } from '#core/costs/summarise.ts';
import { type Contribution, type CostTotals, noTotals } from '#core/costs/totals.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import type { CostStore } from '#core/ports/cost-store.ts';
import { callRecord, costEvent, newCallSid } from '#tests/support/calls.ts';

export interface CostStoreSubject {
  readonly costs: CostStore;
  readonly calls: CallStore;
  close(): Promise<void>;
}

const totals = (costUsd: number): CostTotals => ({ ...noTotals, calls: 1, costUsd });

async function listed<T>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...page);
  return items;
}

export function describeCostStoreContract(name: string, makeSubject: () => Promise<CostStoreSubject>): void {
  describe(name, () => {
    let subject: CostStoreSubject;
    before(async () => {
      subject = await makeSubject();
    });
    after(() => subject.close());

    test('gives the calls that began on a day, oldest first, from a moment on', async () => {
      const begun = ['2026-03-01T00:00:00.000Z', '2026-03-01T20:00:00.000Z', '2026-03-02T00:00:00.000Z'];
      for (const startedAt of begun.toReversed()) await subject.calls.create(callRecord({ startedAt }));

      const all = await listed(subject.costs.callsBegun('2026-03-01'));
      const late = await listed(subject.costs.callsBegun('2026-03-01', '2026-03-01T19:00:00.000Z'));

      assert.deepEqual(
        [all, late].map((calls) => calls.map(({ startedAt }) => startedAt)),
        [begun.slice(0, 2), begun.slice(1, 2)],
      );
    });

    test('replaces the totals of a period as a whole', async () => {
      await subject.costs.replaceTotals(
        '2026-03-03',
        new Map([
          ['PLATFORM', totals(3)],
          ['ROLE#parent', totals(1)],
          ['ROLE#judge', totals(2)],
        ]),
      );
      await subject.costs.replaceTotals(
        '2026-03-03',
        new Map([
          ['PLATFORM', totals(5)],
          ['ROLE#parent', totals(5)],
        ]),
      );

      const roles = await subject.costs.totalsBy('2026-03-03', 'ROLE');
      assert.deepEqual([...roles], [['parent', totals(5)]]);
    });

    test('gives one total of many periods, and leaves out those that have none', async () => {
      await subject.costs.replaceTotals('2026-03-04', new Map([['PLATFORM', totals(4)]]));
      await subject.costs.replaceTotals('2026-03', new Map([['PLATFORM', totals(9)]]));

      const found = await subject.costs.totals(['2026-03-04', '2026-03-05', '2026-03'], 'PLATFORM');

      assert.deepEqual(
        new Map([...found].sort()),
        new Map([
          ['2026-03', totals(9)],
          ['2026-03-04', totals(4)],
        ]),
      );
    });

    test('gives every total of a period, however many there are', async () => {
      const callers = Array.from({ length: 60 }, (_, i) => [`CALLER#${i}`, totals(i)] as const);
      await subject.costs.replaceTotals('2026-03-06', new Map(callers));

      const found = await listed(subject.costs.allTotals('2026-03-06'));

      assert.equal(found.length, 60);
      assert.deepEqual(
        found.map(([one]) => one),
        found.map(([one]) => one).toSorted(compareNames),
      );
    });

    test('takes totals page by page, and leaves nothing of those before, wherever it stood', async () => {
      const before = ['CALLER#a', 'CALLER#c', 'KEY#é', 'KEY#😀', 'PLATFORM', 'ROLE#z'];
      const after = ['CALLER#b', 'CALLER#c', 'KEY#', 'KEY#\uffee', 'KEY#😀', 'PLATFORM'];
      await subject.costs.replaceTotals('2026-03-09', new Map(before.map((one) => [one, totals(1)])));
      async function* pages() {
        yield after.slice(0, 2).map((one) => [one, totals(2)] as const);
        yield [];
        yield after.slice(2).map((one) => [one, totals(1)] as const);
      }

      await subject.costs.replaceTotals('2026-03-09', pages());

      const found = await listed(subject.costs.allTotals('2026-03-09'));
      assert.deepEqual(
        found.map(([one, { costUsd }]) => [one, costUsd]),
        after.map((one, i) => [one, i < 2 ? 2 : 1]),
      );
    });

    test('remembers when a month was added up', async () => {
      await subject.costs.noteMonth({ month: '2026-02', at: '2026-03-01T06:00:00.000Z' });
      await subject.costs.noteMonth({ month: '2026-02', at: '2026-03-02T06:00:00.000Z' });

      assert.deepEqual(await subject.costs.months(), [{ month: '2026-02', at: '2026-03-02T06:00:00.000Z' }]);
    });

    test('keeps what a removed call had cost, once', async () => {
      const callSid = newCallSid();
      const costSummary = summarise([costEvent(callSid, 0)]);
      const { callerHash, ...rest } = wholeCall({ ...callRecord({ callSid }), costSummary });
      const contribution = JSON.parse(JSON.stringify(rest)) as Contribution;

      await subject.costs.keepRemoved('2026-03-07', contribution);
      await subject.costs.keepRemoved('2026-03-07', contribution);

      assert.deepEqual(await subject.costs.removed('2026-03-07'), [contribution]);
      assert.deepEqual(await subject.costs.removed('2026-03-08'), []);
      assert.ok(callerHash);
    });

    test('keeps the latest reconciliation of a day, and the latest state of a quota', async () => {
      const run = { day: '2026-03-12', at: '2026-03-13T07:00:00.000Z', comparisons: [] };
      const quota = { name: 'q', service: 'twilio', used: 1, max: 2, unit: 'usd', at: run.at } as const;
      await subject.costs.noteReconciliation({ ...run, at: 'earlier' });
      await subject.costs.noteReconciliation(run);
      await subject.costs.noteQuota({ ...quota, used: 0 });
      await subject.costs.noteQuota(quota);

      assert.deepEqual(await subject.costs.reconciliations('2026-03-12', '2026-03-12'), [run]);
      assert.deepEqual(await subject.costs.quotas(), [quota]);
    });

    test('remembers which days were added up', async () => {
      const note = { day: '2026-03-10', at: '2026-03-11T06:00:00.000Z', complete: true, calls: 3, top: [] };
      await subject.costs.noteRollup({ ...note, complete: false });
      await subject.costs.noteRollup(note);

      assert.deepEqual(await subject.costs.rollups('2026-03-09', '2026-03-10'), [note]);
      assert.deepEqual(await subject.costs.rollups('2026-03-11', '2026-03-12'), []);
    });
  });
}
