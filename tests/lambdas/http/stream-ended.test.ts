import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CallRecord } from '#core/records/call-record.ts';
import { createStreamEnded } from '#lambdas/http/stream-ended.ts';
import {
  type Answer,
  invoke,
  type TestFunctions,
  testFunctions,
  webhookEvent,
} from '#tests/lambdas/functions.ts';
import { callRecord } from '#tests/support/calls.ts';
import { storeAway } from '#tests/support/store-away.ts';

const record = callRecord();
const { callSid } = record;

async function withRecord(fields: Partial<CallRecord>): Promise<TestFunctions> {
  const functions = testFunctions();
  await functions.services.store.create({ ...record, ...fields });
  return functions;
}

const ended = (functions: TestFunctions, more: Record<string, string> = {}): Promise<Answer> => {
  const params = { CallSid: callSid, AccountSid: `AC${'0'.repeat(32)}`, CallStatus: 'in-progress', ...more };
  return invoke(createStreamEnded(functions.load), webhookEvent({ path: '/call/stream-ended', params }));
};

const hungUp = /^<\?xml[^>]*\?><Response><Hangup\/><\/Response>$/;
const apology =
  /<Response><Say[^>]*>[^<]*nine one one[^<]*nine eight eight[^<]*<\/Say><Hangup\/><\/Response>$/;

describe('When the stream is over', () => {
  for (const outcome of ['completed', 'caller-silent', 'max-duration', 'over-budget', 'drained'] as const)
    test(`a call that is ${outcome} is hung up without another word`, async () => {
      const answer = await ended(await withRecord({ outcome, status: 'completed' }));

      assert.equal(answer.status, 200);
      assert.match(answer.body, hungUp);
    });

  const notOver: readonly (readonly [string, Partial<CallRecord>])[] = [
    ['whose stream never connected', { status: 'ringing' }],
    ['who was cut off in the middle', { status: 'in-progress' }],
    ['whose call failed', { status: 'in-progress', outcome: 'failed' }],
    ['whose process died', { status: 'completed', outcome: 'lost' }],
  ];
  for (const [who, fields] of notOver)
    test(`a caller ${who} hears a calm sentence that names help`, async () => {
      const answer = await ended(await withRecord(fields));

      assert.equal(answer.status, 200);
      assert.match(answer.body, apology);
    });

  test('a call whose process has not ended it keeps the moment, so that its last seconds can be counted', async () => {
    const cutOff = await withRecord({ status: 'in-progress' });
    const failed = await withRecord({ status: 'in-progress', outcome: 'failed' });

    await Promise.all([ended(cutOff), ended(failed)]);

    const endOf = async ({ services }: TestFunctions) => (await services.store.find(callSid))?.streamEndedAt;
    assert.equal(await endOf(cutOff), cutOff.services.clock.now().toISOString());
    assert.equal(await endOf(failed), undefined);
  });

  test('a child hears a sentence for children', async () => {
    const answer = await ended(await withRecord({ role: 'kid_teen', status: 'in-progress' }));

    assert.match(answer.body, /not your fault/);
    assert.match(answer.body, apology);
  });

  test('a caller of whom nothing is known is not left in silence', async () => {
    assert.match((await ended(testFunctions())).body, apology);
  });

  test('a store that is away still gives the caller a sentence', async () => {
    const functions = testFunctions({ services: { store: storeAway } });

    const answer = await ended(functions);

    assert.equal(answer.status, 200);
    assert.match(answer.body, apology);
    assert.equal(functions.lastLine('provider.failed')?.['callSid'], callSid);
  });

  test('our own mistake still gives the caller a sentence', async () => {
    const store = {
      ...storeAway,
      find: async () => {
        throw new RangeError('a mistake');
      },
    };

    const answer = await ended(testFunctions({ services: { store } }));

    assert.equal(answer.status, 200);
    assert.match(answer.body, apology);
  });

  test('a call that cannot be told from its parameters is hung up', async () => {
    assert.match((await ended(testFunctions(), { CallSid: 'nonsense' })).body, hungUp);
  });
});

describe('A transfer', () => {
  const transferred = () =>
    withRecord({
      nextStep: 'transfer',
      transferTo: '+14155550111',
      outcome: 'transferred',
      status: 'completed',
    });

  test('dials the person, from our own number, not for ever, and asks again afterwards', async () => {
    const answer = await ended(await transferred());

    const [, attributes = ''] =
      /<Dial ([^>]*)><Number>\+14155550111<\/Number><\/Dial>/.exec(answer.body) ?? [];
    assert.match(attributes, /action="https:\/\/voice\.example\.com\/call\/stream-ended"/);
    assert.match(attributes, /callerId="\+18005550199"/);
    assert.match(attributes, /timeout="25"/);
    assert.match(attributes, /timeLimit="14400"/);
    assert.match(attributes, /answerOnBridge="true"/);
  });

  for (const status of ['completed', 'answered'])
    test(`that was ${status} is hung up and does not ring again`, async () => {
      assert.match((await ended(await transferred(), { DialCallStatus: status })).body, hungUp);
    });

  for (const status of ['busy', 'no-answer', 'failed', 'canceled'])
    test(`that ended ${status} brings the caller back to the assistant, on a new stream of the same call`, async () => {
      const functions = await transferred();

      const { body } = await ended(functions, { DialCallStatus: status });

      const [, token = ''] = /<Parameter name="token" value="([^"]+)"/.exec(body) ?? [];
      const claims = functions.services.streamTokens.read(token);
      assert.deepEqual('callSid' in claims && [claims.callSid, claims.returning], [callSid, true]);
      assert.doesNotMatch(body, /<Dial/);
      assert.equal((await functions.services.store.find(callSid))?.nextStep, 'return');
    });

  test('whose stream is cut after the caller came back is told, and rings nobody', async () => {
    const { body } = await ended(await withRecord({ nextStep: 'return', outcome: 'transferred' }));

    assert.match(body, apology);
  });

  test('of a call that nobody knows is told to the caller, with the numbers that help', async () => {
    const { body } = await ended(testFunctions(), { DialCallStatus: 'busy' });

    assert.match(body, apology);
    assert.match(body, /reach anyone/);
  });

  test('whose end comes in a word that Twilio does not have today does not ring again', async () => {
    const answer = await ended(await transferred(), { DialCallStatus: 'vanished' });

    assert.match(answer.body, /<Stream /);
    assert.doesNotMatch(answer.body, /<Dial/);
  });
});
