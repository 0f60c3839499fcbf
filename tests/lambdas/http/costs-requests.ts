/** Calls that cost something, and questions about it. */
import assert from 'node:assert/strict';
import type { Context } from 'aws-lambda';
import type * as z from 'zod';
import { createLedger } from '#core/costs/ledger.ts';
import { defaultPrices } from '#core/costs/prices.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import { createRollUpCosts } from '#lambdas/jobs/roll-up-costs.ts';
import {
  type Answer,
  gatewayEvent,
  invoke,
  keys,
  type TestFunctions,
  testFunctions,
} from '#tests/lambdas/functions.ts';
import { callRecord } from '#tests/support/calls.ts';

interface Ask {
  readonly query?: string;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly key?: string;
  readonly method?: string;
}

export const ask = (
  create: (load: TestFunctions['load']) => unknown,
  functions: TestFunctions,
  { query = '', pathParameters = {}, key = keys.everything, method = 'GET' }: Ask = {},
): Promise<Answer> =>
  invoke(
    create(functions.load),
    gatewayEvent({
      method,
      path: '/costs',
      query,
      pathParameters,
      headers: { authorization: `Bearer ${key}` },
    }),
  );

/** What was sent must be what the schema says, and nothing else. */
export function answered<T extends z.ZodType>(schema: T, answer: Answer): z.output<T> {
  assert.equal(answer.status, 200, answer.body);
  const parsed = schema.parse(answer.json);
  assert.deepEqual(parsed, answer.json);
  return parsed;
}

export async function addCall(
  functions: TestFunctions,
  fields: Partial<CallRecord>,
  minutes: number,
  isOver = true,
): Promise<CallRecord> {
  const { store } = functions.services;
  const record = callRecord(fields);
  await store.create(record);
  const ledger = createLedger({ callSid: record.callSid, prices: defaultPrices });
  const at = new Date(record.startedAt);
  ledger.meter('call', { kind: 'call-leg', direction: 'inbound', seconds: minutes * 60 }, at);
  ledger.meter('call', { kind: 'recognition', seconds: minutes * 60 }, at);
  await store.putCostEvents(ledger.pending());
  if (!isOver) return record;
  await store.finish(record.callSid, {
    outcome: 'completed',
    endedAt: record.startedAt,
    durationSecs: minutes * 60,
    turnCount: 2,
    costSummary: ledger.summary(),
  });
  return record;
}

export async function withCalls(): Promise<TestFunctions> {
  const functions = testFunctions();
  await addCall(functions, { startedAt: '2026-11-19T10:00:00.000Z', role: 'judge' }, 1);
  await addCall(functions, { startedAt: '2026-11-19T11:00:00.000Z', keyId: 'crm' }, 2);
  await addCall(functions, { startedAt: '2026-11-20T11:00:00.000Z' }, 3);
  await createRollUpCosts(functions.load)({}, {} as Context);
  return functions;
}
