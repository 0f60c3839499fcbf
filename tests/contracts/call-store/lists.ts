import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BadCursorError } from '#core/calls/bad-cursor.ts';
import type { CallFilter } from '#core/ports/call-store.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import { costEvent, turnRecord } from '#tests/support/calls.ts';
import type { CallStoreUnderTest } from './call-store-subject.ts';

export function describeLists(on: CallStoreUnderTest): void {
  describe('lists', () => {
    test('show the newest call first, over days without calls too', async () => {
      const first = await on.created({ startedAt: '2026-10-02T08:00:00.000Z' });
      const third = await on.created({ startedAt: '2026-11-21T11:00:00.000Z' });
      const second = await on.created({ startedAt: '2026-11-20T23:59:59.999Z' });

      assert.deepEqual(await on.sidsOf({ index: { by: 'day' }, limit: 10 }), [
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
            records.push(await on.created({ startedAt: `${day}T${time}` }));
        const newestFirst = records.map(({ callSid }) => callSid).toReversed();

        for (const index of [
          { by: 'day' },
          { by: 'role', role: 'parent' },
          { by: 'status', status: 'ringing' },
        ] as const) {
          const pages = await on.allPages(index, limit);

          assert.deepEqual(pages.flat(), newestFirst);
          assert.equal(pages.length, Math.ceil(records.length / limit), 'no empty page at the end');
        }
      });

    test('do not lose one of two calls that began in the same millisecond', async () => {
      const both = [await on.created(), await on.created()].map(({ callSid }) => callSid);

      const pages = await on.allPages({ by: 'day' }, 1);

      assert.deepEqual(pages.flat().toSorted(), both.toSorted());
    });

    test('by role and by status hold only those', async () => {
      const judge = await on.created({ role: 'judge', status: 'busy' });
      await on.created({ role: 'parent', status: 'ringing' });

      assert.deepEqual(await on.sidsOf({ index: { by: 'role', role: 'judge' }, limit: 10 }), [judge.callSid]);
      assert.deepEqual(await on.sidsOf({ index: { by: 'status', status: 'busy' }, limit: 10 }), [
        judge.callSid,
      ]);
    });

    test('hold nothing but records', async () => {
      const { callSid } = await on.created();
      await on.store.putTurn(callSid, turnRecord(0));
      await on.store.putCostEvents([costEvent(callSid, 0)]);

      assert.deepEqual(await on.sidsOf({ index: { by: 'day' }, limit: 10 }), [callSid]);
    });

    test('go on behind a call that was deleted or has another status meanwhile', async () => {
      const times = ['03', '02', '01'];
      const [newest, middle, oldest] = (await Promise.all(
        times.map((hour) => on.created({ startedAt: `2026-11-21T${hour}:00:00.000Z` })),
      )) as [CallRecord, CallRecord, CallRecord];
      const index = { by: 'status', status: 'ringing' } as const;
      const first = await on.store.list({ index, limit: 2 });
      await on.store.delete(newest.callSid);
      await on.store.update(middle.callSid, { status: 'in-progress' });

      const second = await on.store.list({ index, limit: 2, cursor: first.cursor as string });

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
          await on.created({
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

          const found = (await on.allPages(index, 3, filter)).flat();

          assert.deepEqual(found, expected, JSON.stringify([index, filter]));
        }
    });

    test('refuse a cursor of the same list with another filter', async () => {
      await on.created({ role: 'judge' });
      await on.created({ role: 'judge' });
      const query = { index: { by: 'day' }, limit: 1 } as const;
      const { cursor = '' } = await on.store.list({ ...query, filter: { role: 'judge' } });

      await assert.rejects(on.store.list({ ...query, cursor }), BadCursorError);
    });

    test('are empty without calls', async () => {
      assert.deepEqual(await on.store.list({ index: { by: 'day' }, limit: 10 }), { items: [] });
    });

    test('refuse a cursor that is not theirs', async () => {
      await on.created({ role: 'judge' });
      await on.created({ role: 'judge' });
      const { cursor = '' } = await on.store.list({ index: { by: 'role', role: 'judge' }, limit: 1 });

      for (const bad of ['', 'nonsense', `${cursor}x.y`])
        await assert.rejects(
          on.store.list({ index: { by: 'role', role: 'judge' }, limit: 1, cursor: bad }),
          BadCursorError,
          `"${bad}"`,
        );
      for (const index of [{ by: 'role', role: 'parent' }, { by: 'day' }] as const)
        await assert.rejects(on.store.list({ index, limit: 1, cursor }), BadCursorError);
    });
  });
}
