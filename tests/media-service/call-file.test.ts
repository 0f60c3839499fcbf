/** A call's record is closed once, whatever its store does. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProviderError } from '#core/errors.ts';
import { limits } from '#core/limits.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import { createCallFile } from '#media-service/call-file.ts';
import { callEnding, newCallSid } from '#tests/support/calls.ts';
import { createInMemoryCallStore } from '#tests/support/in-memory-call-store.ts';
import { createRecordingTelemetry } from '#tests/support/scripted-ports.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';

const away = () =>
  Promise.reject(new ProviderError('Away', { provider: 'dynamodb', failure: 'unavailable' }));

function setUp(broken: Partial<CallStore> = {}) {
  const clock = createVirtualClock();
  const telemetry = createRecordingTelemetry();
  const memory = createInMemoryCallStore({ now: () => clock.now() });
  const failures: unknown[] = [];
  const callSid = newCallSid();
  const file = createCallFile({
    claims: {
      callSid,
      role: 'parent',
      direction: 'inbound',
      callerHash: 'hash',
      callerMasked: '+1******0100',
      nonce: 'n'.repeat(16),
      expiresAt: 4_000_000_000,
    },
    retentionDays: 365,
    store: { ...memory, ...broken },
    clock,
    telemetry,
    onFailure: (error) => void failures.push(error),
  });
  const summaries = () => telemetry.linesOf('cost.call.summary').length;
  return { file, memory, callSid, failures, summaries };
}

describe('the file of a call', () => {
  test('makes the record that the webhook could not make, and closes it with one summary', async () => {
    const { file, memory, callSid, summaries } = setUp();
    await file.open();
    await file.close(callEnding({ outcome: 'completed' }));

    assert.equal((await memory.find(callSid))?.outcome, 'completed');
    assert.equal(summaries(), 1);
  });

  test('writes no summary when someone else has ended the call', async () => {
    const { file, memory, callSid, summaries } = setUp();
    await file.open();
    await memory.finish(callSid, callEnding({ outcome: 'lost' }));
    await file.close(callEnding({ outcome: 'completed' }));

    assert.equal((await memory.find(callSid))?.outcome, 'lost');
    assert.equal(summaries(), 0);
  });

  test('writes the summary itself when the store was away from beginning to end', async () => {
    const { file, failures, summaries } = setUp({ update: away, create: away, finish: away });
    await file.open();
    await file.close(callEnding());

    assert.equal(summaries(), 1);
    assert.equal(failures.length, 1 + limits.finishAttemptsMax);
  });

  test('leaves the summary to the stale-call job when the store fails only at the end', async () => {
    const { file, failures, summaries } = setUp({ finish: away });
    await file.open();
    await file.close(callEnding());

    assert.equal(summaries(), 0);
    assert.equal(failures.length, limits.finishAttemptsMax);
  });

  test('still closes a record that could not be opened, once the store is back', async () => {
    const { file, memory, callSid, summaries } = setUp({ update: away });
    await file.open();
    await file.close(callEnding({ outcome: 'completed' }));

    assert.equal((await memory.find(callSid))?.outcome, 'completed');
    assert.equal(summaries(), 1);
  });

  test('says where the caller goes before the record is closed', async () => {
    const { file, memory, callSid } = setUp();
    await file.open();
    await file.close(callEnding({ outcome: 'transferred' }), '+14155550100');

    assert.equal((await memory.find(callSid))?.transferTo, '+14155550100');
  });
});
