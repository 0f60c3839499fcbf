import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CallStatus } from '#core/records/call-record.ts';
import { newCallSid } from '#tests/support/calls.ts';
import type { CallStoreUnderTest } from './call-store-subject.ts';

const at = new Date('2026-11-21T12:00:10Z');

export function describeStatusCallbacks(on: CallStoreUnderTest): void {
  describe('status callbacks', () => {
    const callbacks: readonly (readonly [CallStatus, number])[] = [
      ['initiated', 0],
      ['ringing', 1],
      ['in-progress', 2],
      ['completed', 3],
    ];
    const orders = [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
      [2, 0, 3, 1],
    ];
    for (const order of orders)
      test(`end in the same status when they come in the order ${order.join(', ')}`, async () => {
        const { callSid } = await on.created({ status: 'queued' });

        for (const i of order) {
          const [status, sequence] = callbacks[i] as (typeof callbacks)[number];
          await on.store.applyStatus(callSid, status, { sequence, at });
        }

        assert.equal(await on.statusOf(callSid), 'completed');
      });

    test('apply once when they come twice', async () => {
      const { callSid } = await on.created();

      assert.equal(await on.store.applyStatus(callSid, 'in-progress', { sequence: 2, at }), true);
      assert.equal(await on.store.applyStatus(callSid, 'in-progress', { sequence: 2, at }), false);
    });

    test('do not go back to an earlier status', async () => {
      const { callSid } = await on.created();
      await on.store.applyStatus(callSid, 'in-progress', { sequence: 2, at });

      assert.equal(await on.store.applyStatus(callSid, 'ringing', { sequence: 1, at }), false);
      assert.equal(await on.statusOf(callSid), 'in-progress');
    });

    test('leave the first final status as it is', async () => {
      const { callSid } = await on.created();
      await on.store.applyStatus(callSid, 'no-answer', { sequence: 2, at });

      assert.equal(await on.store.applyStatus(callSid, 'completed', { sequence: 9, at }), false);
      assert.equal(await on.statusOf(callSid), 'no-answer');
    });

    test('believe a final status whatever its number', async () => {
      const { callSid } = await on.created();
      await on.store.applyStatus(callSid, 'in-progress', { sequence: 5, at });

      assert.equal(await on.store.applyStatus(callSid, 'completed', { sequence: 0, at }), true);
      assert.equal(await on.statusOf(callSid), 'completed');
    });

    test('bring the duration that the carrier measured', async () => {
      const { callSid } = await on.created();

      await on.store.applyStatus(callSid, 'completed', { sequence: 3, at, durationSecs: 42 });

      assert.equal((await on.store.find(callSid))?.durationSecs, 42);
    });

    test('of a call that nobody knows change nothing', async () => {
      const callSid = newCallSid();

      assert.equal(await on.store.applyStatus(callSid, 'completed', { sequence: 3, at }), false);
      assert.equal(await on.store.find(callSid), undefined);
    });

    test('move the call to the list of its new status', async () => {
      const { callSid } = await on.created({ status: 'ringing' });

      await on.store.applyStatus(callSid, 'in-progress', { sequence: 2, at });

      assert.deepEqual(await on.sidsOf({ index: { by: 'status', status: 'ringing' }, limit: 10 }), []);
      assert.deepEqual(await on.sidsOf({ index: { by: 'status', status: 'in-progress' }, limit: 10 }), [
        callSid,
      ]);
    });
  });
}
