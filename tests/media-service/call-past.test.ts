import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProviderError } from '#core/errors.ts';
import { limits } from '#core/limits.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import { readPast } from '#media-service/call-past.ts';
import { callRecord, costEvent, turnRecord } from '#tests/support/calls.ts';
import { createInMemoryCallStore } from '#tests/support/in-memory-call-store.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';

const record = callRecord();
const claims = {
  callSid: record.callSid,
  role: record.role,
  direction: record.direction,
  callerHash: record.callerHash,
  callerMasked: record.numberMasked,
  nonce: 'n'.repeat(16),
  expiresAt: 4_000_000_000,
};

function read(store: CallStore, returning: boolean) {
  const clock = createVirtualClock();
  const failures: unknown[] = [];
  const onFailure = (error: unknown) => void failures.push(error);
  return { clock, failures, past: readPast({ ...claims, returning }, { store, clock, onFailure }) };
}

describe('What an earlier stream of a call left', () => {
  test('is its turns and its costs', async () => {
    const store = createInMemoryCallStore({ now: () => new Date('2026-11-21T12:00:00Z') });
    await store.create(record);
    const [turn, event] = [turnRecord(0), costEvent(record.callSid, 0)];
    await store.putTurn(record.callSid, turn);
    await store.putCostEvents([event]);

    assert.deepEqual(await read(store, true).past, {
      turns: [turn],
      costEvents: [event],
      nextTurn: 0,
      nextCostEvent: 0,
    });
  });

  test('is not asked for when a call begins', async () => {
    const away = { turns: () => assert.fail('nobody asks'), costEvents: () => assert.fail('nobody asks') };

    assert.equal(await read(away as unknown as CallStore, false).past, undefined);
  });

  test('is given up when the store is away, or takes too long: the caller waits in silence', async () => {
    const error = new ProviderError('Away', { provider: 'dynamodb', failure: 'unavailable' });
    const away = { turns: () => Promise.reject(error), costEvents: async () => [] };
    const slow = { turns: () => new Promise(() => undefined), costEvents: async () => [] };

    const failed = read(away as unknown as CallStore, true);
    const late = read(slow as unknown as CallStore, true);
    await late.clock.advance(limits.pastReadTimeoutMs);

    assert.deepEqual((await failed.past)?.turns, []);
    assert.deepEqual(failed.failures, [error]);
    assert.deepEqual(await late.past, await failed.past);
  });
});
