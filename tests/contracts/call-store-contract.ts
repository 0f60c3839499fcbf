import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { BadCursorError } from '#core/calls/bad-cursor.ts';
import type { CallSid } from '#core/ids.ts';
import type { CallFilter, CallQuery, CallStore } from '#core/ports/call-store.ts';
import type { CallRecord, CallStatus } from '#core/records/call-record.ts';
import { callEnding, callRecord, costEvent, newCallSid, turnRecord } from '#tests/support/calls.ts';

export interface CallStoreSubject {
  readonly store: CallStore;
  /** Time as the store sees it; it begins at 2026-11-21T12:00:00Z. */
  setNow(now: Date): void;
  close(): Promise<void>;
}

const at = new Date('2026-11-21T12:00:10Z');

/** What the calls, their turns and their costs must survive. */
export function describeCallStoreContract(name: string, makeSubject: () => Promise<CallStoreSubject>): void {
  describe(`${name} keeps the contract of the call store`, () => {
    let subject: CallStoreSubject;
    let store: CallStore;
    beforeEach(async () => {
      subject = await makeSubject();
      store = subject.store;
    });
    afterEach(() => subject.close());

    const created = async (fields: Partial<CallRecord> = {}): Promise<CallRecord> => {
      const record = callRecord(fields);
      await store.create(record);
      return record;
    };
    const statusOf = async (callSid: CallSid) => (await store.find(callSid))?.status;
    const sidsOf = async (query: CallQuery) => (await store.list(query)).items.map(({ callSid }) => callSid);
    /** Every page until there is no cursor. */
    const allPages = async (
      index: CallQuery['index'],
      limit: number,
      filter: CallFilter = {},
    ): Promise<readonly CallSid[][]> => {
      const pages: CallSid[][] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list({ index, filter, limit, ...(cursor === undefined ? {} : { cursor }) });
        pages.push(page.items.map(({ callSid }) => callSid));
        cursor = page.cursor;
      } while (cursor !== undefined);
      return pages;
    };

    test('a record is found as it was created', async () => {
      const record = callRecord({ crisis: true, transferTo: '+14155550111', nextStep: 'transfer' });

      assert.equal(await store.create(record), true);
      assert.deepEqual(await store.find(record.callSid), record);
    });

    test('a call that nobody created is not found', async () => {
      assert.equal(await store.find(newCallSid()), undefined);
    });

    test('a second record of a call changes nothing of the first', async () => {
      const record = await created();

      assert.equal(await store.create({ ...record, role: 'judge' }), false);
      assert.equal((await store.find(record.callSid))?.role, 'parent');
    });

    test('of two records created at once one wins', async () => {
      const record = callRecord();

      const answers = await Promise.all([store.create(record), store.create(record)]);

      assert.deepEqual(answers.toSorted(), [false, true]);
    });

    test('changed fields are changed and the others stay', async () => {
      const record = await created({ role: 'attorney' });

      const changed = await store.update(record.callSid, { status: 'in-progress', turnCount: 3 });

      assert.equal(changed, true);
      assert.deepEqual(await store.find(record.callSid), { ...record, status: 'in-progress', turnCount: 3 });
    });

    test('a change of nothing still tells whether there is a record', async () => {
      const { callSid } = await created();

      assert.equal(await store.update(callSid, {}), true);
      assert.equal(await store.update(newCallSid(), {}), false);
    });

    test('a change does not make a record out of nothing', async () => {
      const callSid = newCallSid();

      assert.equal(await store.update(callSid, { status: 'in-progress' }), false);
      assert.equal(await store.find(callSid), undefined);
    });

    test('a late sign of life does not undo a final status, but is noted', async () => {
      const { callSid } = await created();
      await store.applyStatus(callSid, 'completed', { sequence: 3, at });

      const changed = await store.update(callSid, { status: 'in-progress', turnCount: 2 });

      assert.equal(changed, true);
      assert.equal(await statusOf(callSid), 'completed');
      assert.equal((await store.find(callSid))?.turnCount, 2);
    });

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
          const { callSid } = await created({ status: 'queued' });

          for (const i of order) {
            const [status, sequence] = callbacks[i] as (typeof callbacks)[number];
            await store.applyStatus(callSid, status, { sequence, at });
          }

          assert.equal(await statusOf(callSid), 'completed');
        });

      test('apply once when they come twice', async () => {
        const { callSid } = await created();

        assert.equal(await store.applyStatus(callSid, 'in-progress', { sequence: 2, at }), true);
        assert.equal(await store.applyStatus(callSid, 'in-progress', { sequence: 2, at }), false);
      });

      test('do not go back to an earlier status', async () => {
        const { callSid } = await created();
        await store.applyStatus(callSid, 'in-progress', { sequence: 2, at });

        assert.equal(await store.applyStatus(callSid, 'ringing', { sequence: 1, at }), false);
        assert.equal(await statusOf(callSid), 'in-progress');
      });

      test('leave the first final status as it is', async () => {
        const { callSid } = await created();
        await store.applyStatus(callSid, 'no-answer', { sequence: 2, at });

        assert.equal(await store.applyStatus(callSid, 'completed', { sequence: 9, at }), false);
        assert.equal(await statusOf(callSid), 'no-answer');
      });

      test('believe a final status whatever its number', async () => {
        const { callSid } = await created();
        await store.applyStatus(callSid, 'in-progress', { sequence: 5, at });

        assert.equal(await store.applyStatus(callSid, 'completed', { sequence: 0, at }), true);
        assert.equal(await statusOf(callSid), 'completed');
      });

      test('bring the duration that the carrier measured', async () => {
        const { callSid } = await created();

        await store.applyStatus(callSid, 'completed', { sequence: 3, at, durationSecs: 42 });

        assert.equal((await store.find(callSid))?.durationSecs, 42);
      });

      test('of a call that nobody knows change nothing', async () => {
        const callSid = newCallSid();

        assert.equal(await store.applyStatus(callSid, 'completed', { sequence: 3, at }), false);
        assert.equal(await store.find(callSid), undefined);
      });

      test('move the call to the list of its new status', async () => {
        const { callSid } = await created({ status: 'ringing' });

        await store.applyStatus(callSid, 'in-progress', { sequence: 2, at });

        assert.deepEqual(await sidsOf({ index: { by: 'status', status: 'ringing' }, limit: 10 }), []);
        assert.deepEqual(await sidsOf({ index: { by: 'status', status: 'in-progress' }, limit: 10 }), [
          callSid,
        ]);
      });
    });

    describe('the end of a call', () => {
      test('is written with its summary, and the call is completed', async () => {
        const record = await created({ status: 'in-progress' });
        const ending = callEnding();

        assert.equal(await store.finish(record.callSid, ending), true);
        assert.deepEqual(await store.find(record.callSid), { ...record, ...ending, status: 'completed' });
      });

      test('is written once: the second one is told so and changes nothing', async () => {
        const { callSid } = await created();
        await store.finish(callSid, callEnding({ outcome: 'transferred' }));

        assert.equal(await store.finish(callSid, callEnding({ outcome: 'lost' })), false);
        assert.equal((await store.find(callSid))?.outcome, 'transferred');
      });

      test('is told once even to one who asks twice with the same ending', async () => {
        const { callSid } = await created();
        const ending = callEnding();

        const answers = [await store.finish(callSid, ending), await store.finish(callSid, ending)];

        assert.deepEqual(answers, [true, false]);
      });

      test('belongs to exactly one of many who write it at once', async () => {
        const { callSid } = await created();

        const answers = await Promise.all(
          Array.from({ length: 8 }, () => store.finish(callSid, callEnding())),
        );

        assert.equal(answers.filter(Boolean).length, 1);
      });

      test('keeps the last word of the carrier on the status', async () => {
        const { callSid } = await created();
        await store.applyStatus(callSid, 'failed', { sequence: 3, at });

        assert.equal(await store.finish(callSid, callEnding({ outcome: 'failed' })), true);
        assert.equal(await statusOf(callSid), 'failed');
      });

      test('is not changed by a late callback', async () => {
        const { callSid } = await created();
        await store.finish(callSid, callEnding({ durationSecs: 180 }));

        await store.applyStatus(callSid, 'completed', { sequence: 3, at, durationSecs: 240 });

        assert.equal((await store.find(callSid))?.durationSecs, 180);
      });

      test('of a call that nobody knows is not written', async () => {
        const callSid = newCallSid();

        assert.equal(await store.finish(callSid, callEnding()), false);
        assert.equal(await store.find(callSid), undefined);
      });
    });

    describe('turns and cost events', () => {
      test('come back in their order, however they were written', async () => {
        const { callSid } = await created();
        const order = [10, 2, 0, 101, 1];

        for (const n of order) await store.putTurn(callSid, turnRecord(n));
        await store.putCostEvents(order.map((seq) => costEvent(callSid, seq)));

        assert.deepEqual(
          (await store.turns(callSid)).map(({ n }) => n),
          [0, 1, 2, 10, 101],
        );
        assert.deepEqual(
          (await store.costEvents(callSid)).map(({ seq }) => seq),
          [0, 1, 2, 10, 101],
        );
      });

      test('are kept whole', async () => {
        const { callSid } = await created();
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

        await store.putTurn(callSid, turn);
        await store.putCostEvents([event]);

        assert.deepEqual(await store.turns(callSid), [turn]);
        assert.deepEqual(await store.costEvents(callSid), [event]);
      });

      test('written twice are there once, as they were written last', async () => {
        const { callSid } = await created();

        await store.putTurn(callSid, turnRecord(0, { text: 'I want' }));
        await store.putTurn(callSid, turnRecord(0, { text: 'I want to ask something' }));
        await store.putCostEvents([costEvent(callSid, 0, { usage: 1 })]);
        await store.putCostEvents([costEvent(callSid, 0, { usage: 2 }), costEvent(callSid, 0, { usage: 3 })]);

        assert.deepEqual(
          (await store.turns(callSid)).map(({ text }) => text),
          ['I want to ask something'],
        );
        assert.deepEqual(
          (await store.costEvents(callSid)).map(({ usage }) => usage),
          [3],
        );
      });

      test('of several calls in one batch go to their own calls, many at a time', async () => {
        const [a, b] = [await created(), await created()];
        const events = Array.from({ length: 30 }, (_, seq) => [
          costEvent(a.callSid, seq),
          costEvent(b.callSid, seq),
        ]);

        await store.putCostEvents(events.flat());

        assert.equal((await store.costEvents(a.callSid)).length, 30);
        assert.equal((await store.costEvents(b.callSid)).length, 30);
      });

      test('are none for a call that has none, and writing none is nothing', async () => {
        await store.putCostEvents([]);

        assert.deepEqual(await store.turns(newCallSid()), []);
        assert.deepEqual(await store.costEvents(newCallSid()), []);
      });

      test('are kept although the record is written only later', async () => {
        const record = callRecord();

        await store.putTurn(record.callSid, turnRecord(0));
        await store.putCostEvents([costEvent(record.callSid, 0)]);
        await store.create(record);

        assert.equal((await store.turns(record.callSid)).length, 1);
        assert.equal((await store.costEvents(record.callSid)).length, 1);
      });
    });

    describe('lists', () => {
      test('show the newest call first, over days without calls too', async () => {
        const first = await created({ startedAt: '2026-10-02T08:00:00.000Z' });
        const third = await created({ startedAt: '2026-11-21T11:00:00.000Z' });
        const second = await created({ startedAt: '2026-11-20T23:59:59.999Z' });

        assert.deepEqual(await sidsOf({ index: { by: 'day' }, limit: 10 }), [
          third.callSid,
          second.callSid,
          first.callSid,
        ]);
      });

      for (const limit of [1, 2, 3, 5, 6, 100])
        test(`show every call once, in pages of ${limit}`, async () => {
          const days = ['2026-11-18', '2026-11-20', '2026-11-21'];
          const records: CallRecord[] = [];
          for (const day of days)
            for (const time of ['01:00:00.000Z', '02:00:00.000Z'])
              records.push(await created({ startedAt: `${day}T${time}` }));
          const newestFirst = records.map(({ callSid }) => callSid).toReversed();

          for (const index of [
            { by: 'day' },
            { by: 'role', role: 'parent' },
            { by: 'status', status: 'ringing' },
          ] as const) {
            const pages = await allPages(index, limit);

            assert.deepEqual(pages.flat(), newestFirst);
            assert.equal(pages.length, Math.ceil(records.length / limit), 'no empty page at the end');
          }
        });

      test('do not lose one of two calls that began in the same millisecond', async () => {
        const both = [await created(), await created()].map(({ callSid }) => callSid);

        const pages = await allPages({ by: 'day' }, 1);

        assert.deepEqual(pages.flat().toSorted(), both.toSorted());
      });

      test('by role and by status hold only those', async () => {
        const judge = await created({ role: 'judge', status: 'busy' });
        await created({ role: 'parent', status: 'ringing' });

        assert.deepEqual(await sidsOf({ index: { by: 'role', role: 'judge' }, limit: 10 }), [judge.callSid]);
        assert.deepEqual(await sidsOf({ index: { by: 'status', status: 'busy' }, limit: 10 }), [
          judge.callSid,
        ]);
      });

      test('hold nothing but records', async () => {
        const { callSid } = await created();
        await store.putTurn(callSid, turnRecord(0));
        await store.putCostEvents([costEvent(callSid, 0)]);

        assert.deepEqual(await sidsOf({ index: { by: 'day' }, limit: 10 }), [callSid]);
      });

      test('go on behind a call that was deleted or has another status meanwhile', async () => {
        const times = ['03', '02', '01'];
        const [newest, middle, oldest] = (await Promise.all(
          times.map((hour) => created({ startedAt: `2026-11-21T${hour}:00:00.000Z` })),
        )) as [CallRecord, CallRecord, CallRecord];
        const index = { by: 'status', status: 'ringing' } as const;
        const first = await store.list({ index, limit: 2 });
        await store.delete(newest.callSid);
        await store.update(middle.callSid, { status: 'in-progress' });

        const second = await store.list({ index, limit: 2, cursor: first.cursor as string });

        assert.deepEqual(
          second.items.map(({ callSid }) => callSid),
          [oldest.callSid],
        );
      });

      test('are narrowed by role, status, direction and time, alone and together, in the same order', async () => {
        const roles = ['judge', 'parent'] as const;
        const statuses = ['completed', 'busy'] as const;
        const directions = ['inbound', 'outbound'] as const;
        const all: CallRecord[] = [];
        for (let i = 0; i < 16; i += 1)
          all.push(
            await created({
              role: roles[i % 2] as CallRecord['role'],
              status: statuses[(i >> 1) % 2] as CallRecord['status'],
              direction: directions[(i >> 2) % 2] as CallRecord['direction'],
              startedAt: `2026-11-${String(10 + Math.floor(i / 2))}T0${i % 2}:00:00.000Z`,
            }),
          );
        const filters: readonly CallFilter[] = [
          { role: 'judge' },
          { status: 'busy' },
          { direction: 'outbound' },
          { role: 'judge', status: 'busy', direction: 'outbound' },
          { from: new Date('2026-11-12T00:00:00Z') },
          { to: new Date('2026-11-12T01:00:00Z') },
          { from: new Date('2026-11-12T01:00:00Z'), to: new Date('2026-11-15T00:00:00Z') },
          { role: 'parent', from: new Date('2026-11-11'), to: new Date('2026-11-16') },
          { from: new Date('2026-11-16'), to: new Date('2026-11-12') },
        ];
        for (const filter of filters)
          for (const index of [
            { by: 'day' },
            { by: 'role', role: 'judge' },
            { by: 'status', status: 'busy' },
          ] as const) {
            const expected = all
              .filter(
                ({ role, status, direction, startedAt }) =>
                  (filter.role ?? role) === role &&
                  (filter.status ?? status) === status &&
                  (filter.direction ?? direction) === direction &&
                  (index.by !== 'role' || role === index.role) &&
                  (index.by !== 'status' || status === index.status) &&
                  Date.parse(startedAt) >= (filter.from?.getTime() ?? 0) &&
                  Date.parse(startedAt) < (filter.to?.getTime() ?? Number.POSITIVE_INFINITY),
              )
              .map(({ callSid }) => callSid)
              .toReversed();

            const found = (await allPages(index, 3, filter)).flat();

            assert.deepEqual(found, expected, JSON.stringify([index, filter]));
          }
      });

      test('refuse a cursor of the same list with another filter', async () => {
        await created({ role: 'judge' });
        await created({ role: 'judge' });
        const query = { index: { by: 'day' }, limit: 1 } as const;
        const { cursor = '' } = await store.list({ ...query, filter: { role: 'judge' } });

        await assert.rejects(store.list({ ...query, cursor }), BadCursorError);
      });

      test('are empty without calls', async () => {
        assert.deepEqual(await store.list({ index: { by: 'day' }, limit: 10 }), { items: [] });
      });

      test('refuse a cursor that is not theirs', async () => {
        await created({ role: 'judge' });
        await created({ role: 'judge' });
        const { cursor = '' } = await store.list({ index: { by: 'role', role: 'judge' }, limit: 1 });

        for (const bad of ['', 'nonsense', `${cursor}x.y`])
          await assert.rejects(
            store.list({ index: { by: 'role', role: 'judge' }, limit: 1, cursor: bad }),
            BadCursorError,
            `"${bad}"`,
          );
        for (const index of [{ by: 'role', role: 'parent' }, { by: 'day' }] as const)
          await assert.rejects(store.list({ index, limit: 1, cursor }), BadCursorError);
      });
    });

    describe('calls that nobody ended', () => {
      const aliveBefore = new Date('2026-11-21T12:00:00Z');
      const silent = '2026-11-21T11:50:00.000Z';
      const staleSids = async (limit = 10) =>
        (await store.listStale({ aliveBefore, limit })).map(({ callSid }) => callSid);

      test('are found once their last sign of life is old', async () => {
        const lost = await created({ status: 'in-progress', aliveAt: silent });
        await created({ status: 'in-progress', aliveAt: '2026-11-21T12:00:00.000Z' });

        assert.deepEqual(await staleSids(), [lost.callSid]);
      });

      test('are found when the carrier has ended them', async () => {
        const { callSid } = await created({ aliveAt: silent });
        await store.applyStatus(callSid, 'completed', { sequence: 3, at });

        assert.deepEqual(await staleSids(), [callSid]);
      });

      test('are found although they began long ago', async () => {
        const old = '2026-11-10T12:00:00.000Z';
        const { callSid } = await created({ startedAt: old, aliveAt: old });

        assert.deepEqual(await staleSids(), [callSid]);
      });

      test('are not found again once they are ended', async () => {
        const { callSid } = await created({ aliveAt: silent });
        await store.finish(callSid, callEnding({ outcome: 'lost' }));

        assert.deepEqual(await staleSids(), []);
      });

      test('are as many as asked for, each once', async () => {
        for (let i = 0; i < 5; i += 1) await created({ status: 'in-progress', aliveAt: silent });

        assert.equal(new Set(await staleSids(3)).size, 3);
        assert.equal((await staleSids(3)).length, 3);
        assert.equal((await staleSids(10)).length, 5);
      });
    });

    describe('an expired call', () => {
      const expiresAt = Date.parse('2026-11-21T13:00:00Z') / 1000;

      test('is there until its last second and nowhere after it', async () => {
        const { callSid } = await created({ expiresAt });
        await store.putTurn(callSid, turnRecord(0));
        await store.putCostEvents([costEvent(callSid, 0)]);
        subject.setNow(new Date('2026-11-21T12:59:59Z'));
        assert.notEqual(await store.find(callSid), undefined);
        assert.equal((await store.turns(callSid)).length, 1);

        subject.setNow(new Date('2026-11-21T13:00:00Z'));

        assert.equal(await store.find(callSid), undefined);
        assert.deepEqual(await store.turns(callSid), []);
        assert.deepEqual(await store.costEvents(callSid), []);
        for (const index of [
          { by: 'day' },
          { by: 'role', role: 'parent' },
          { by: 'status', status: 'ringing' },
        ] as const)
          assert.deepEqual(await store.list({ index, limit: 10 }), { items: [] });
      });

      test('does not make a page shorter', async () => {
        for (const hour of ['01', '02', '03'])
          await created({ startedAt: `2026-11-21T${hour}:00:00.000Z`, expiresAt });
        const kept = [];
        for (const hour of ['00', '04'])
          kept.unshift((await created({ startedAt: `2026-11-21T${hour}:30:00.000Z` })).callSid);
        subject.setNow(new Date('2026-11-21T14:00:00Z'));

        assert.deepEqual(await sidsOf({ index: { by: 'day' }, limit: 2 }), kept);
      });
    });

    describe('a deleted call', () => {
      test('is gone with everything that belongs to it, and nothing else is', async () => {
        const [gone, kept] = [await created(), await created()];
        for (const { callSid } of [gone, kept]) {
          for (let n = 0; n < 30; n += 1) await store.putTurn(callSid, turnRecord(n));
          await store.putCostEvents(Array.from({ length: 30 }, (_, seq) => costEvent(callSid, seq)));
        }

        assert.equal(await store.delete(gone.callSid), true);

        assert.equal(await store.find(gone.callSid), undefined);
        assert.deepEqual(await store.turns(gone.callSid), []);
        assert.deepEqual(await store.costEvents(gone.callSid), []);
        assert.deepEqual(await sidsOf({ index: { by: 'day' }, limit: 10 }), [kept.callSid]);
        assert.equal((await store.turns(kept.callSid)).length, 30);
        assert.equal((await store.costEvents(kept.callSid)).length, 30);
      });

      test('cannot be deleted again', async () => {
        const { callSid } = await created();
        await store.delete(callSid);

        assert.equal(await store.delete(callSid), false);
      });

      test('does not come back with a late end or a late change', async () => {
        const { callSid } = await created();
        await store.delete(callSid);

        assert.equal(await store.update(callSid, { turnCount: 1 }), false);
        assert.equal(await store.finish(callSid, callEnding()), false);
        assert.equal(await store.find(callSid), undefined);
      });
    });
  });
}
