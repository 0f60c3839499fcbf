import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnsweringMachine } from '#core/http/outbound.ts';
import { createCallStatus } from '#lambdas/http/call-status.ts';
import {
  type Answer,
  invoke,
  type TestFunctions,
  testFunctions,
  webhookEvent,
} from '#tests/lambdas/functions.ts';
import { callRecord } from '#tests/support/calls.ts';
import { storeAway } from '#tests/support/store-away.ts';

const record = callRecord({ status: 'queued', direction: 'outbound' });
const { callSid } = record;

async function withRecord(): Promise<TestFunctions> {
  const functions = testFunctions();
  await functions.services.store.create(record);
  return functions;
}

const tell = (functions: TestFunctions, params: Record<string, string>): Promise<Answer> =>
  invoke(
    createCallStatus(functions.load),
    webhookEvent({
      path: '/call/status',
      params: { CallSid: callSid, AccountSid: `AC${'0'.repeat(32)}`, ...params },
    }),
  );

const stored = ({ services }: TestFunctions) => services.store.find(callSid);

const callbacks = [
  { CallStatus: 'initiated', SequenceNumber: '0' },
  { CallStatus: 'ringing', SequenceNumber: '1' },
  { CallStatus: 'in-progress', SequenceNumber: '2' },
  { CallStatus: 'completed', SequenceNumber: '3', CallDuration: '42', Duration: '1' },
] as const;

describe('Status callbacks', () => {
  for (const order of [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [2, 0, 3, 1],
    [0, 0, 3, 3, 1, 1, 2, 3],
  ])
    test(`leave the call completed with its duration when they come as ${order.join(', ')}`, async () => {
      const functions = await withRecord();

      for (const i of order) {
        const answer = await tell(functions, callbacks[i] as Record<string, string>);
        assert.equal(answer.status, 204);
        assert.equal(answer.body, '');
      }

      const { status, durationSecs } = (await stored(functions)) ?? {};
      assert.deepEqual([status, durationSecs], ['completed', 42]);
    });

  test('show where the call is before it is over', async () => {
    const functions = await withRecord();

    await tell(functions, callbacks[1]);
    assert.equal((await stored(functions))?.status, 'ringing');

    await tell(functions, callbacks[2]);
    assert.equal((await stored(functions))?.status, 'in-progress');
  });

  test('that come late do not take the call back', async () => {
    const functions = await withRecord();

    await tell(functions, callbacks[2]);
    await tell(functions, callbacks[1]);

    assert.equal((await stored(functions))?.status, 'in-progress');
  });

  for (const status of ['busy', 'no-answer', 'failed', 'canceled'])
    test(`say that a call was ${status}`, async () => {
      const functions = await withRecord();

      await tell(functions, { CallStatus: status, SequenceNumber: '2' });

      assert.equal((await stored(functions))?.status, status);
    });

  test('without a number do not take a call back, and end it all the same', async () => {
    const functions = await withRecord();
    await tell(functions, callbacks[2]);

    await tell(functions, { CallStatus: 'ringing' });
    assert.equal((await stored(functions))?.status, 'in-progress');

    await tell(functions, { CallStatus: 'completed', CallDuration: '7' });
    assert.equal((await stored(functions))?.status, 'completed');
  });

  test('of a call that nobody knows are taken and make no record', async () => {
    const functions = testFunctions();

    assert.equal((await tell(functions, callbacks[3])).status, 204);
    assert.equal(await stored(functions), undefined);
  });

  test('that cannot be stored are said to have failed', async () => {
    const functions = testFunctions({ services: { store: storeAway } });

    assert.equal((await tell(functions, callbacks[3])).status, 503);
    assert.equal(functions.lastLine('provider.failed')?.['provider'], 'dynamodb');
  });

  test('in a word that Twilio does not have today are refused and change nothing', async () => {
    const functions = await withRecord();

    assert.equal((await tell(functions, { CallStatus: 'teleported' })).status, 400);
    assert.deepEqual(await stored(functions), record);
  });
});

describe('A call that listens for a machine', () => {
  const ref = 'r'.repeat(24);
  const detections = async (answeringMachine: AnsweringMachine | undefined, status: string) => {
    const functions = await withRecord();
    const { store, outboundPlans } = functions.services;
    const { role, numberMasked, callerHash: numberHash, startedAt } = record;
    const plan = { role, keyId: 'key', numberMasked, numberHash, startedAt };
    await outboundPlans.put(ref, {
      ...plan,
      ...(answeringMachine === undefined ? {} : { answeringMachine }),
    });
    const params = { CallSid: callSid, CallStatus: status, SequenceNumber: '3', CallDuration: '2' };
    const event = webhookEvent({ path: '/call/status', query: `ref=${ref}`, params });
    await invoke(createCallStatus(functions.load), event);
    const events = await store.costEvents(callSid);
    return events.filter(({ operation }) => operation === 'machine-detection').length;
  };

  test('is billed for it also when it was over before there was a verdict', async () => {
    assert.equal(await detections({ action: 'hang-up' }, 'completed'), 1);
  });

  test('is not when nobody answered, nor one that does not listen', async () => {
    assert.equal(await detections({ action: 'hang-up' }, 'no-answer'), 0);
    assert.equal(await detections({ action: 'continue' }, 'completed'), 0);
    assert.equal(await detections(undefined, 'completed'), 0);
  });
});

describe('Callbacks about other things', () => {
  const others: readonly (readonly [string, Record<string, string>, string, string])[] = [
    [
      'a stream that began',
      { StreamEvent: 'stream-started', StreamSid: `MZ${'0'.repeat(32)}` },
      'debug',
      'call.callback',
    ],
    ['a stream that failed', { StreamEvent: 'stream-error', StreamError: 'words' }, 'error', 'stream.failed'],
    [
      'a recording',
      { RecordingSid: 'RE1', RecordingStatus: 'completed', RecordingUrl: 'https://example.com' },
      'debug',
      'call.callback',
    ],
    ['who answered', { AnsweredBy: 'machine_start' }, 'debug', 'call.callback'],
  ];
  for (const [what, params, level, msg] of others)
    test(`on ${what} are noted in a line and change no status`, async () => {
      const functions = await withRecord();

      const answer = await tell(functions, params);

      assert.equal(answer.status, 204);
      const line = functions.lastLine(msg);
      assert.deepEqual([line?.level, line?.['callSid']], [level, callSid]);
      assert.deepEqual(await stored(functions), record);
    });
});
