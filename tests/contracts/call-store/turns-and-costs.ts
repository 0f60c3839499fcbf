import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { callRecord, costEvent, newCallSid, turnRecord } from '#tests/support/calls.ts';
import type { CallStoreUnderTest } from './call-store-subject.ts';

export function describeTurnsAndCosts(on: CallStoreUnderTest): void {
  describe('turns and cost events', () => {
    test('come back in their order, however they were written', async () => {
      const { callSid } = await on.created();
      const order = [10, 2, 0, 101, 1];

      for (const n of order) await on.store.putTurn(callSid, turnRecord(n));
      await on.store.putCostEvents(order.map((seq) => costEvent(callSid, seq)));

      assert.deepEqual(
        (await on.store.turns(callSid)).map(({ n }) => n),
        [0, 1, 2, 10, 101],
      );
      assert.deepEqual(
        (await on.store.costEvents(callSid)).map(({ seq }) => seq),
        [0, 1, 2, 10, 101],
      );
    });

    test('are kept whole', async () => {
      const { callSid } = await on.created();
      const turn = turnRecord(1, {
        interrupted: true,
        latencies: { ttftMs: 400, responseLatencyMs: 612.5 },
        tools: [{ name: 'case_search', status: 'timed-out', durationMs: 4000 }],
      });
      const event = costEvent(callSid, 0, {
        model: 'new-model',
        unitPriceUsd: null,
        costUsd: null,
        outcome: 'wasted',
      });

      await on.store.putTurn(callSid, turn);
      await on.store.putCostEvents([event]);

      assert.deepEqual(await on.store.turns(callSid), [turn]);
      assert.deepEqual(await on.store.costEvents(callSid), [event]);
    });

    test('written twice are there once, as they were written last', async () => {
      const { callSid } = await on.created();

      await on.store.putTurn(callSid, turnRecord(0, { text: 'I want' }));
      await on.store.putTurn(callSid, turnRecord(0, { text: 'I want to ask something' }));
      await on.store.putCostEvents([costEvent(callSid, 0, { usage: 1 })]);
      await on.store.putCostEvents([
        costEvent(callSid, 0, { usage: 2 }),
        costEvent(callSid, 0, { usage: 3 }),
      ]);

      assert.deepEqual(
        (await on.store.turns(callSid)).map(({ text }) => text),
        ['I want to ask something'],
      );
      assert.deepEqual(
        (await on.store.costEvents(callSid)).map(({ usage }) => usage),
        [3],
      );
    });

    test('of several calls in one batch go to their own calls, many at a time', async () => {
      const [a, b] = [await on.created(), await on.created()];
      const events = Array.from({ length: 30 }, (_, seq) => [
        costEvent(a.callSid, seq),
        costEvent(b.callSid, seq),
      ]);

      await on.store.putCostEvents(events.flat());

      assert.equal((await on.store.costEvents(a.callSid)).length, 30);
      assert.equal((await on.store.costEvents(b.callSid)).length, 30);
    });

    test('are none for a call that has none, and writing none is nothing', async () => {
      await on.store.putCostEvents([]);

      assert.deepEqual(await on.store.turns(newCallSid()), []);
      assert.deepEqual(await on.store.costEvents(newCallSid()), []);
    });

    test('are kept although the record is written only later', async () => {
      const record = callRecord();

      await on.store.putTurn(record.callSid, turnRecord(0));
      await on.store.putCostEvents([costEvent(record.callSid, 0)]);
      await on.store.create(record);

      assert.equal((await on.store.turns(record.callSid)).length, 1);
      assert.equal((await on.store.costEvents(record.callSid)).length, 1);
    });
  });
}
