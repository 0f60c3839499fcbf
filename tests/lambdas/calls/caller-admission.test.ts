/** Who is answered, by the functions as they are put together, on the database. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createKeyedHash } from '#adapters/crypto/keyed-hash.ts';
import { createDynamoBlockListAdmin } from '#adapters/dynamodb/block-list-admin.ts';
import { createCallStatus } from '#lambdas/http/call-status.ts';
import { createInboundCall } from '#lambdas/http/inbound-call.ts';
import { createWire } from '#lambdas/wire.ts';
import { environment, invoke, webhookEvent } from '#tests/lambdas/functions.ts';
import { newCallSid } from '#tests/support/calls.ts';
import { tableNames } from '#tests/support/embedded-database.ts';
import { useDatabase } from '#tests/support/use-database.ts';

const database = useDatabase();
let callers = 0;

/** Functions of their own on the shared tables, and somebody who has never called. */
function createCaller(variables: Readonly<Record<string, string>> = {}) {
  callers += 1;
  const from = `+1415555${String(callers).padStart(4, '0')}`;
  const wire = createWire(async () => ({
    ...environment,
    ...variables,
    LOG_LEVEL: 'error',
    AWS_ENDPOINT_URL_DYNAMODB: database.url,
  }));
  const tell = (path: string, params: Readonly<Record<string, string>>) =>
    webhookEvent({ path, params: { From: from, To: '+18005550199', ...params } });
  return {
    callerHash: createKeyedHash(environment.PHONE_HASH_KEY)(from),
    async ring(callSid: string = newCallSid(), To = '+18005550199'): Promise<boolean> {
      const event = tell('/call/incoming', { CallSid: callSid, CallStatus: 'ringing', To });
      return (await invoke(createInboundCall(wire), event)).body.includes('<Stream');
    },
    hangUp: (callSid: string, durationSecs: number) => {
      const over = { CallSid: callSid, CallStatus: 'completed', CallDuration: String(durationSecs) };
      return invoke(createCallStatus(wire), tell('/call/status', over));
    },
  };
}

async function answersOf(ring: () => Promise<boolean>, calls: number): Promise<readonly boolean[]> {
  const answers: boolean[] = [];
  for (let n = 0; n < calls; n += 1) answers.push(await ring());
  return answers;
}

const times = (count: number, value: boolean): boolean[] => Array<boolean>(count).fill(value);

describe('A caller', () => {
  test('is answered ten times in an hour, however often the webhook of a call is repeated', async () => {
    const { ring } = createCaller();
    const first = newCallSid();

    const repeated = await answersOf(() => ring(first), 15);
    const others = await answersOf(() => ring(), 11);
    const firstAgain = await ring(first);

    assert.deepEqual(repeated, times(15, true));
    assert.deepEqual(others, [...times(9, true), false, false]);
    assert.ok(firstAgain);
  });

  test('who is over the limit of one number reaches the crisis line that allows more', async () => {
    const crisisLine = '+18005550188';
    const { ring } = createCaller({
      INBOUND_CALLS_PER_CALLER_PER_HOUR: '1',
      INBOUND_PHONE_MAP: JSON.stringify({ [crisisLine]: { callerCallsPerHour: 1_000 } }),
    });

    const usual = await answersOf(() => ring(), 3);
    const helped = await answersOf(() => ring(newCallSid(), crisisLine), 3);

    assert.deepEqual(usual, [true, false, false]);
    assert.deepEqual(helped, times(3, true));
  });

  test('on the block list is not answered, and is when the block is lifted', async () => {
    const { ring, callerHash } = createCaller();
    const admin = createDynamoBlockListAdmin(database.documents, tableNames.limits, () => new Date());
    const details = { numberMasked: '+1******0001', reason: 'threats', createdAt: new Date().toISOString() };

    const before = await ring();
    await admin.block({ callerHash, ...details });
    const during = await ring();
    const listed = (await admin.blocks()).filter((block) => block.callerHash === callerHash);
    await admin.unblock(callerHash);
    const after = await ring();

    assert.deepEqual([before, during, after], [true, false, true]);
    assert.deepEqual(listed, [{ callerHash, ...details }]);
  });

  test('who is over the limit leaves the places of the stage to others', async () => {
    const { ring } = createCaller({ INBOUND_CALLS_PER_CALLER_PER_HOUR: '1' });
    const placesTaken = async () => {
      const Key = { pk: 'RATE#calls-per-stage#all' };
      const { Item: item = {} } = await database.documents.get({ TableName: tableNames.limits, Key });
      const counts = Object.entries(item).filter(([name]) => name.startsWith('w60_'));
      return counts.reduce((sum, [, count]) => sum + Number(count), 0);
    };
    await ring();
    const before = await placesTaken();

    const answers = await answersOf(() => ring(), 5);

    assert.deepEqual(answers, times(5, false));
    assert.ok(before > 0);
    assert.equal(await placesTaken(), before);
  });

  test('who begins and drops calls is not held to have done so twice when the end is told twice', async () => {
    const { ring, hangUp } = createCaller();

    const answers = [];
    for (let n = 0; n < 2; n += 1) {
      const callSid = newCallSid();
      answers.push(await ring(callSid));
      for (let told = 0; told < 3; told += 1) await hangUp(callSid, 7);
    }
    answers.push(...(await answersOf(() => ring(), 3)));

    assert.deepEqual(answers, times(5, true));
  });
});
