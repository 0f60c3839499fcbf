import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { createDynamoBlockListAdmin } from '#adapters/dynamodb/block-list-admin.ts';
import { createDynamoCallerGate } from '#adapters/dynamodb/caller-gate.ts';
import { createDynamoConductStore } from '#adapters/dynamodb/conduct-store.ts';
import { createGuardedGate } from '#core/abuse/guarded-gate.ts';
import type { CallerGate } from '#core/ports/caller-gate.ts';
import { createCircuit } from '#core/rate-limits/circuit.ts';
import { createLocalLimiter } from '#core/rate-limits/local-limiter.ts';
import { tableNames } from '#tests/support/embedded-database.ts';
import { createInMemoryCallerGate } from '#tests/support/in-memory-caller-gate.ts';
import { createInMemoryConducts } from '#tests/support/in-memory-outbound.ts';
import { useDatabase } from '#tests/support/use-database.ts';
import { describeCallerGateContract, type GateSubject } from './caller-gate-contract.ts';

const noonMs = Date.parse('2026-11-21T12:00:00Z');
let callers = 0;

function createTime() {
  let nowMs = noonMs;
  return {
    nowMs: () => nowMs,
    now: () => new Date(nowMs),
    advance: (ms: number) => {
      nowMs += ms;
    },
  };
}

describeCallerGateContract('in memory', async () => {
  const { nowMs, advance } = createTime();
  const conducts = createInMemoryConducts();
  let blockedUntilMs = 0;
  return {
    gate: createInMemoryCallerGate({
      local: createLocalLimiter(nowMs),
      conducts,
      isBlocked: () => blockedUntilMs > nowMs(),
    }),
    callerHash: 'caller',
    nowMs,
    advance,
    block: async (until) => {
      blockedUntilMs = until?.getTime() ?? Number.POSITIVE_INFINITY;
    },
    behave: (conduct) => conducts.put('caller', conduct),
  };
});

describe('With a table', () => {
  const database = useDatabase();

  async function onTable(guard: (gate: CallerGate, nowMs: () => number) => CallerGate): Promise<GateSubject> {
    const { nowMs, now, advance } = createTime();
    callers += 1;
    const callerHash = `caller-${callers}`;
    const table = tableNames.limits;
    const admin = createDynamoBlockListAdmin(database.documents, table, now);
    const details = {
      callerHash,
      numberMasked: '+1******0100',
      reason: 'rude',
      createdAt: now().toISOString(),
    };
    return {
      gate: guard(createDynamoCallerGate({ documents: database.documents, table, now }), nowMs),
      callerHash,
      nowMs,
      advance,
      block: (until) => admin.block({ ...details, ...(until === undefined ? {} : { until }) }),
      behave: (conduct) => createDynamoConductStore(database.documents, table, now).put(callerHash, conduct),
    };
  }

  describeCallerGateContract('DynamoDB', () => onTable((gate) => gate));

  describeCallerGateContract('DynamoDB with a counter of its own', () =>
    onTable((shared, nowMs) =>
      createGuardedGate({
        shared,
        local: createLocalLimiter(nowMs),
        circuit: createCircuit({
          nowMs,
          onFailure: (error) => assert.fail(error),
          onOpened: () => undefined,
          onClosed: () => undefined,
        }),
      }),
    ),
  );
});
