import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { callEnding, costEvent, newCallSid, turnRecord } from '#tests/support/calls.ts';
import type { CallStoreUnderTest } from './call-store-subject.ts';

const at = new Date('2026-11-21T12:00:10Z');

export function describeEndings(on: CallStoreUnderTest): void {
  describe('the end of a call', () => {
    test('is written with its summary, and the call is completed', async () => {
      const record = await on.created({ status: 'in-progress' });
      const ending = callEnding();

      assert.equal(await on.store.finish(record.callSid, ending), true);
      assert.deepEqual(await on.store.find(record.callSid), { ...record, ...ending, status: 'completed' });
    });

    test('is written once: the second one is told so and changes nothing', async () => {
      const { callSid } = await on.created();
      await on.store.finish(callSid, callEnding({ outcome: 'transferred' }));

      assert.equal(await on.store.finish(callSid, callEnding({ outcome: 'lost' })), false);
      assert.equal((await on.store.find(callSid))?.outcome, 'transferred');
    });

    test('is told once even to one who asks twice with the same ending', async () => {
      const { callSid } = await on.created();
      const ending = callEnding();

      const answers = [await on.store.finish(callSid, ending), await on.store.finish(callSid, ending)];

      assert.deepEqual(answers, [true, false]);
    });

    test('belongs to exactly one of many who write it at once', async () => {
      const { callSid } = await on.created();

      const answers = await Promise.all(
        Array.from({ length: 8 }, () => on.store.finish(callSid, callEnding())),
      );

      assert.equal(answers.filter(Boolean).length, 1);
    });

    test('keeps the last word of the carrier on the status', async () => {
      const { callSid } = await on.created();
      await on.store.applyStatus(callSid, 'failed', { sequence: 3, at });

      assert.equal(await on.store.finish(callSid, callEnding({ outcome: 'failed' })), true);
      assert.equal(await on.statusOf(callSid), 'failed');
    });

    test('is not changed by a late callback', async () => {
      const { callSid } = await on.created();
      await on.store.finish(callSid, callEnding({ durationSecs: 180 }));

      await on.store.applyStatus(callSid, 'completed', { sequence: 3, at, durationSecs: 240 });

      assert.equal((await on.store.find(callSid))?.durationSecs, 180);
    });

    test('of a call that nobody knows is not written', async () => {
      const callSid = newCallSid();

      assert.equal(await on.store.finish(callSid, callEnding()), false);
      assert.equal(await on.store.find(callSid), undefined);
    });
  });

  describe('calls that nobody ended', () => {
    const aliveBefore = new Date('2026-11-21T12:00:00Z');
    const silent = '2026-11-21T11:50:00.000Z';
    const staleSids = async (limit = 10) =>
      (await on.store.listStale({ aliveBefore, limit })).map(({ callSid }) => callSid);

    test('are found once their last sign of life is old', async () => {
      const lost = await on.created({ status: 'in-progress', aliveAt: silent });
      await on.created({ status: 'in-progress', aliveAt: '2026-11-21T12:00:00.000Z' });

      assert.deepEqual(await staleSids(), [lost.callSid]);
    });

    test('are found when the carrier has ended them', async () => {
      const { callSid } = await on.created({ aliveAt: silent });
      await on.store.applyStatus(callSid, 'completed', { sequence: 3, at });

      assert.deepEqual(await staleSids(), [callSid]);
    });

    test('are found although they began long ago', async () => {
      const old = '2026-11-10T12:00:00.000Z';
      const { callSid } = await on.created({ startedAt: old, aliveAt: old });

      assert.deepEqual(await staleSids(), [callSid]);
    });

    test('are not found again once they are ended', async () => {
      const { callSid } = await on.created({ aliveAt: silent });
      await on.store.finish(callSid, callEnding({ outcome: 'lost' }));

      assert.deepEqual(await staleSids(), []);
    });

    test('are as many as asked for, each once', async () => {
      for (let i = 0; i < 5; i += 1) await on.created({ status: 'in-progress', aliveAt: silent });

      assert.equal(new Set(await staleSids(3)).size, 3);
      assert.equal((await staleSids(3)).length, 3);
      assert.equal((await staleSids(10)).length, 5);
    });
  });

  describe('an expired call', () => {
    const expiresAt = Date.parse('2026-11-21T13:00:00Z') / 1000;

    test('is there until its last second and nowhere after it', async () => {
      const { callSid } = await on.created({ expiresAt });
      await on.store.putTurn(callSid, turnRecord(0));
      await on.store.putCostEvents([costEvent(callSid, 0)]);
      on.setNow(new Date('2026-11-21T12:59:59Z'));
      assert.notEqual(await on.store.find(callSid), undefined);
      assert.equal((await on.store.turns(callSid)).length, 1);

      on.setNow(new Date('2026-11-21T13:00:00Z'));

      assert.equal(await on.store.find(callSid), undefined);
      assert.deepEqual(await on.store.turns(callSid), []);
      assert.deepEqual(await on.store.costEvents(callSid), []);
      for (const index of [
        { by: 'day' },
        { by: 'role', role: 'parent' },
        { by: 'status', status: 'ringing' },
      ] as const)
        assert.deepEqual(await on.store.list({ index, limit: 10 }), { items: [] });
    });

    test('does not make a page shorter', async () => {
      for (const hour of ['01', '02', '03'])
        await on.created({ startedAt: `2026-11-21T${hour}:00:00.000Z`, expiresAt });
      const kept = [];
      for (const hour of ['00', '04'])
        kept.unshift((await on.created({ startedAt: `2026-11-21T${hour}:30:00.000Z` })).callSid);
      on.setNow(new Date('2026-11-21T14:00:00Z'));

      assert.deepEqual(await on.sidsOf({ index: { by: 'day' }, limit: 2 }), kept);
    });
  });

  describe('a deleted call', () => {
    test('is gone with everything that belongs to it, and nothing else is', async () => {
      const [gone, kept] = [await on.created(), await on.created()];
      for (const { callSid } of [gone, kept]) {
        for (let n = 0; n < 30; n += 1) await on.store.putTurn(callSid, turnRecord(n));
        await on.store.putCostEvents(Array.from({ length: 30 }, (_, seq) => costEvent(callSid, seq)));
      }

      assert.equal(await on.store.delete(gone.callSid), true);

      assert.equal(await on.store.find(gone.callSid), undefined);
      assert.deepEqual(await on.store.turns(gone.callSid), []);
      assert.deepEqual(await on.store.costEvents(gone.callSid), []);
      assert.deepEqual(await on.sidsOf({ index: { by: 'day' }, limit: 10 }), [kept.callSid]);
      assert.equal((await on.store.turns(kept.callSid)).length, 30);
      assert.equal((await on.store.costEvents(kept.callSid)).length, 30);
    });

    test('cannot be deleted again', async () => {
      const { callSid } = await on.created();
      await on.store.delete(callSid);

      assert.equal(await on.store.delete(callSid), false);
    });

    test('does not come back with a late end or a late change', async () => {
      const { callSid } = await on.created();
      await on.store.delete(callSid);

      assert.equal(await on.store.update(callSid, { turnCount: 1 }), false);
      assert.equal(await on.store.finish(callSid, callEnding()), false);
      assert.equal(await on.store.find(callSid), undefined);
    });
  });
}
