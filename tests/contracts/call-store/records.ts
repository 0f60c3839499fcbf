import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callRecord, newCallSid } from '#tests/support/calls.ts';
import type { CallStoreUnderTest } from './call-store-subject.ts';

const at = new Date('2026-11-21T12:00:10Z');

export function describeRecords(on: CallStoreUnderTest): void {
  test('a record is found as it was created', async () => {
    const record = callRecord({ crisis: true, transferTo: '+14155550111', nextStep: 'transfer' });

    assert.equal(await on.store.create(record), true);
    assert.deepEqual(await on.store.find(record.callSid), record);
  });

  test('a call that nobody created is not found', async () => {
    assert.equal(await on.store.find(newCallSid()), undefined);
  });

  test('a second record of a call changes nothing of the first', async () => {
    const record = await on.created();

    assert.equal(await on.store.create({ ...record, role: 'judge' }), false);
    assert.equal((await on.store.find(record.callSid))?.role, 'parent');
  });

  test('of two records created at once one wins', async () => {
    const record = callRecord();

    const answers = await Promise.all([on.store.create(record), on.store.create(record)]);

    assert.deepEqual(answers.toSorted(), [false, true]);
  });

  test('changed fields are changed and the others stay', async () => {
    const record = await on.created({ role: 'attorney' });

    const changed = await on.store.update(record.callSid, { status: 'in-progress', turnCount: 3 });

    assert.equal(changed, true);
    assert.deepEqual(await on.store.find(record.callSid), { ...record, status: 'in-progress', turnCount: 3 });
  });

  test('a change of nothing still tells whether there is a record', async () => {
    const { callSid } = await on.created();

    assert.equal(await on.store.update(callSid, {}), true);
    assert.equal(await on.store.update(newCallSid(), {}), false);
  });

  test('a change does not make a record out of nothing', async () => {
    const callSid = newCallSid();

    assert.equal(await on.store.update(callSid, { status: 'in-progress' }), false);
    assert.equal(await on.store.find(callSid), undefined);
  });

  test('a late sign of life does not undo a final status, but is noted', async () => {
    const { callSid } = await on.created();
    await on.store.applyStatus(callSid, 'completed', { sequence: 3, at });

    const changed = await on.store.update(callSid, { status: 'in-progress', turnCount: 2 });

    assert.equal(changed, true);
    assert.equal(await on.statusOf(callSid), 'completed');
    assert.equal((await on.store.find(callSid))?.turnCount, 2);
  });
}
