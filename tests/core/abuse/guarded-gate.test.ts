import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createGuardedGate } from '#core/abuse/guarded-gate.ts';
import { ProviderError } from '#core/errors.ts';
import { type CallSid, callSidSchema } from '#core/ids.ts';
import type { CallerGate } from '#core/ports/caller-gate.ts';
import { createCircuit } from '#core/rate-limits/circuit.ts';
import { createLocalLimiter } from '#core/rate-limits/local-limiter.ts';
import { inboundPerCaller } from '#core/rate-limits/rules.ts';
import { createInMemoryCallerGate } from '#tests/support/in-memory-caller-gate.ts';

const rule = inboundPerCaller(4);
const sid = (n: number): CallSid => callSidSchema.parse(`CA${String(n).padStart(32, '0')}`);
const away = new ProviderError('Away', { provider: 'dynamodb', failure: 'timeout' });

/** A gate whose table is away while `isAway` says so. */
function flappingGate(isAway: (n: number) => boolean) {
  const failures: unknown[] = [];
  const nowMs = () => Date.parse('2026-11-21T12:00:00Z');
  const table = createInMemoryCallerGate({
    local: createLocalLimiter(nowMs),
    conducts: { find: async () => undefined },
    isBlocked: () => false,
  });
  let asked = 0;
  const shared: CallerGate = {
    isBlocked: async () => {
      asked += 1;
      if (isAway(asked)) throw away;
      return true;
    },
    knock: async (call, limit) => {
      asked += 1;
      if (isAway(asked)) throw away;
      return table.knock(call, limit);
    },
  };
  const circuit = createCircuit({
    nowMs,
    // Every failure is met, and none avoided.
    failuresMax: Number.POSITIVE_INFINITY,
    onFailure: (error) => failures.push(error),
    onOpened: () => undefined,
    onClosed: () => undefined,
  });
  return {
    gate: createGuardedGate({ shared, local: createLocalLimiter(nowMs), circuit }),
    failures,
    circuit,
  };
}

async function admittedOf(gate: CallerGate, calls: number): Promise<number> {
  let admitted = 0;
  for (let n = 1; n <= calls; n += 1) {
    const knock = await gate.knock({ callSid: sid(n), callerHash: 'caller' }, rule);
    if (knock.kind === 'counted' && knock.decision.allowed) admitted += 1;
  }
  return admitted;
}

describe('The gate of a process', () => {
  for (const [how, isAway] of [
    ['never away', () => false],
    ['always away', () => true],
    ['away every second time', (n: number) => n % 2 === 0],
    ['away after two calls', (n: number) => n > 2],
    ['back after two calls', (n: number) => n <= 2],
  ] as const)
    test(`lets in as many as the limit says with a table that is ${how}`, async () => {
      const { gate } = flappingGate(isAway);

      assert.equal(await admittedOf(gate, 20), 4);
    });

  test('holds nothing against a caller of whom nothing can be found out, and tells of the failure', async () => {
    const { gate, failures } = flappingGate(() => true);

    const knock = await gate.knock({ callSid: sid(1), callerHash: 'caller' }, rule);

    assert.ok(knock.kind === 'counted' && knock.decision.allowed);
    assert.equal(knock.conduct, undefined);
    assert.deepEqual(failures, [away]);
  });

  test('takes nobody for blocked while the list is away', async () => {
    const { gate, failures } = flappingGate((n) => n === 1);

    const answers = [await gate.isBlocked('caller'), await gate.isBlocked('caller')];

    assert.deepEqual([answers, failures], [[false, true], [away]]);
  });

  test('does not hide our own mistakes', async () => {
    const broken: CallerGate = {
      isBlocked: async () => false,
      knock: () => Promise.reject(new TypeError('ours')),
    };
    const { circuit } = flappingGate(() => false);
    const gate = createGuardedGate({ shared: broken, local: createLocalLimiter(() => 0), circuit });

    await assert.rejects(gate.knock({ callSid: sid(1), callerHash: 'caller' }, rule), TypeError);
  });
});
