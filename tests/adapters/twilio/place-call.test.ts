import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createTwilioCallPlacer, type PlaceCallRequest } from '#adapters/twilio/place-call.ts';
import { isProviderError } from '#core/errors.ts';
import { deadAddress, type StrictRest, startStrictRest } from './strict-rest.ts';

const { signal } = new AbortController();
const request: PlaceCallRequest = {
  to: '+14155550100',
  from: '+18005550199',
  answer: { url: 'https://voice.example.com/call/outbound-answered?id=1&role=parent' },
};

describe('an outbound call', () => {
  let rest: StrictRest;
  beforeEach(async () => {
    rest = await startStrictRest();
  });
  afterEach(() => rest.close());

  const place = (changes: Partial<PlaceCallRequest> = {}, baseUrl = rest.url) =>
    createTwilioCallPlacer({
      accountSid: rest.accountSid,
      authToken: rest.authToken,
      baseUrl,
      timeoutMs: 2_000,
    }).placeCall({ ...request, ...changes }, { signal });
  const sent = () => rest.requests()[0]?.params;

  test('is queued when Twilio accepts it', async () => {
    const placed = await place();

    assert.equal(placed.status, 'queued');
    assert.ok(rest.isLive(placed.callSid));
    assert.deepEqual(sent(), [
      ['To', request.to],
      ['From', request.from],
      ['Url', 'https://voice.example.com/call/outbound-answered?id=1&role=parent'],
      ['Method', 'POST'],
    ]);
  });

  test('tells of every step, each asked for by its own key', async () => {
    await place({ statusCallbackUrl: 'https://voice.example.com/call/status' });

    assert.deepEqual(sent()?.slice(4), [
      ['StatusCallback', 'https://voice.example.com/call/status'],
      ['StatusCallbackMethod', 'POST'],
      ['StatusCallbackEvent', 'initiated'],
      ['StatusCallbackEvent', 'ringing'],
      ['StatusCallbackEvent', 'answered'],
      ['StatusCallbackEvent', 'completed'],
    ]);
  });

  test('never keeps the line silent to find out whether a machine answers', async () => {
    await place({
      machineDetection: {
        mode: 'DetectMessageEnd',
        callbackUrl: 'https://voice.example.com/s',
        timeoutSecs: 20,
      },
    });

    assert.deepEqual(sent()?.slice(4), [
      ['MachineDetection', 'DetectMessageEnd'],
      ['AsyncAmd', 'true'],
      ['AsyncAmdStatusCallback', 'https://voice.example.com/s'],
      ['AsyncAmdStatusCallbackMethod', 'POST'],
      ['MachineDetectionTimeout', '20'],
    ]);
  });

  test('may be answered with ready TwiML, and is bounded in time', async () => {
    await place({
      answer: { twiml: '<Response/>' },
      fallbackUrl: 'https://voice.example.com/f',
      ringSecs: 30,
      timeLimitSecs: 600,
    });

    assert.deepEqual(sent()?.slice(2), [
      ['Twiml', '<Response/>'],
      ['FallbackUrl', 'https://voice.example.com/f'],
      ['Timeout', '30'],
      ['TimeLimit', '600'],
    ]);
  });

  const failureOf = (attempt: Promise<unknown>) =>
    attempt.then(
      () => assert.fail('did not fail'),
      (error: unknown) => {
        assert.ok(isProviderError(error), String(error));
        return [error.failure, error.retryable, error.code];
      },
    );

  test('to a number that is none is our mistake', async () => {
    assert.deepEqual(await failureOf(place({ to: 'mum' })), ['invalid-request', false, '21211']);
  });

  test('is not repeated when it may exist already: the phone would ring twice', async () => {
    for (const fault of ['cut', 'cut-in-answer', { status: 500 }] as const) {
      rest.failNext(fault);
      const [failure, retryable] = await failureOf(place());

      assert.deepEqual([failure, retryable], ['unavailable', false]);
    }
  });

  test('may be repeated when it certainly does not exist', async () => {
    rest.failNext({ status: 429, body: '{"code":20429}' });

    assert.deepEqual(await failureOf(place()), ['overloaded', true, '20429']);
    assert.deepEqual(await failureOf(place({}, await deadAddress())), ['unavailable', true, 'ECONNREFUSED']);
  });

  test('without an id in the answer cannot be followed, and is not repeated', async () => {
    rest.failNext({ status: 201, body: '{"status":"queued"}' });

    assert.deepEqual(await failureOf(place()), ['protocol', false, 'call-without-sid']);
  });

  test('is not asked for with TwiML longer than Twilio takes', async () => {
    const failure = await failureOf(place({ answer: { twiml: 'x'.repeat(4_001) } }));

    assert.deepEqual(failure, ['invalid-request', false, '32018']);
    assert.equal(rest.requests().length, 0);
  });
});
