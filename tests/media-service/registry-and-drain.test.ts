/** How many calls a process takes, and how it ends with calls running. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import { createCallRegistry } from '#media-service/call-registry.ts';
import type { CallSession } from '#media-service/call-session.ts';
import { drain } from '#media-service/drain.ts';
import { createRecordingTelemetry } from '#tests/support/scripted-ports.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';

describe('the registry of calls', () => {
  test('takes calls up to its capacity, and again when a place is given back', () => {
    const registry = createCallRegistry({ callsMax: 2 });

    assert.deepEqual(
      [1, 2, 3].map(() => registry.admit()),
      ['admitted', 'admitted', 'at-capacity'],
    );
    registry.release();
    assert.equal(registry.admit(), 'admitted');
  });

  test('takes none any more once it drains', () => {
    const registry = createCallRegistry({ callsMax: 2 });
    registry.stopAdmitting();

    assert.equal(registry.admit(), 'draining');
  });
});

const settings = { acceptMs: 1_000, graceMs: 60_000, goodbyeMs: 15_000 };

async function startDrain() {
  const clock = createVirtualClock();
  const registry = createCallRegistry({ callsMax: 5 });
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const begin = () => {
    const ended: { atMs?: number } = {};
    const done = drain({ server, registry, clock, telemetry: createRecordingTelemetry(), settings }).then(
      () => {
        ended.atMs = clock.nowMs();
      },
    );
    return { ended, done };
  };
  /** A call that ends when its stream is cut, or earlier when the test ends it. */
  const addCall = () => {
    const told: string[] = [];
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const call: CallSession = {
      onMedia: () => undefined,
      onMark: () => undefined,
      onDtmf: () => undefined,
      wrapUp: (reason) => void told.push(`wrap up ${reason} at ${clock.nowMs()}`),
      onStreamEnd() {
        told.push(`cut at ${clock.nowMs()}`);
        end();
      },
      done,
    };
    const end = () => {
      registry.remove(call);
      registry.release();
      resolve();
    };
    registry.admit();
    registry.add(call);
    return { told, end };
  };
  return { clock, registry, server, begin, addCall };
}

describe('a process that is told to stop', () => {
  test('still takes streams for a moment, then none, and ends at once when idle', async () => {
    const { clock, registry, server, begin } = await startDrain();
    const { ended, done } = begin();
    await clock.advance(999);
    assert.equal(registry.isDraining, false);
    await clock.advance(1);
    await done;

    assert.equal(registry.isDraining, true);
    assert.equal(ended.atMs, 1_000);
    assert.equal(server.listening, false);
  });

  test('lets a call go on to its own end', async () => {
    const { clock, begin, addCall } = await startDrain();
    const call = addCall();
    const { ended, done } = begin();
    clock.setTimer(30_000, call.end);
    await clock.advance(30_000);
    await done;

    assert.equal(ended.atMs, 30_000);
    assert.deepEqual(call.told, []);
  });

  test('asks calls to say goodbye after the grace, and cuts the ones that do not end', async () => {
    const { clock, begin, addCall } = await startDrain();
    const call = addCall();
    const { ended, done } = begin();
    await clock.advance(80_000);
    await done;

    assert.deepEqual(call.told, ['wrap up drained at 61000', 'cut at 76000']);
    assert.equal(ended.atMs, 76_000);
  });
});
