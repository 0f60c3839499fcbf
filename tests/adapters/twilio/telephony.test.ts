import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createTwilioTelephony } from '#adapters/twilio/telephony.ts';
import { twimlCharsMax } from '#adapters/twilio/twiml.ts';
import { isProviderError, type ProviderError } from '#core/errors.ts';
import { type StrictRest, startStrictRest } from './strict-rest.ts';

const { signal } = new AbortController();

describe('the control of live calls over Twilio’s REST API', () => {
  let rest: StrictRest;
  beforeEach(async () => {
    rest = await startStrictRest();
  });
  afterEach(() => rest.close());

  const telephony = (changes: { baseUrl?: string; timeoutMs?: number } = {}) =>
    createTwilioTelephony({
      accountSid: rest.accountSid,
      authToken: rest.authToken,
      baseUrl: rest.url,
      ...changes,
    });
  const failureOf = async (attempt: Promise<unknown>): Promise<ProviderError> => {
    const error: unknown = await attempt.then(
      () => assert.fail('did not fail'),
      (reason) => reason,
    );
    assert.ok(isProviderError(error), String(error));
    return error;
  };

  test('posts one form to the call of this account', async () => {
    const callSid = rest.addCall();

    await telephony().hangUp(callSid, { signal });

    assert.deepEqual(rest.requests(), [
      {
        method: 'POST',
        path: `/2010-04-01/Accounts/${rest.accountSid}/Calls/${callSid}.json`,
        params: [['Status', 'completed']],
      },
    ]);
  });

  test('works with a base address that ends in a slash', async () => {
    const callSid = rest.addCall();

    await telephony({ baseUrl: `${rest.url}/` }).hangUp(callSid, { signal });

    assert.equal(rest.isLive(callSid), false);
  });

  test('takes a call that Twilio no longer finds, or no longer calls live, as hung up', async () => {
    const [over, forgotten] = [rest.addCall(), rest.addCall()];
    rest.endCall(over, 'over');
    rest.endCall(forgotten, 'forgotten');

    await telephony().hangUp(over, { signal });
    await telephony().hangUp(forgotten, { signal });

    assert.equal(rest.requests().length, 2);
  });

  test('does not take any other “not found” for a call that is over', async () => {
    rest.failNext({ status: 404, body: '<html>No such page</html>' });

    const error = await failureOf(telephony().hangUp(rest.addCall(), { signal }));

    assert.deepEqual([error.failure, error.code], ['invalid-request', 'http-404']);
  });

  test('names each refusal by Twilio’s code and tells whether to ask again', async () => {
    const body = (code: number) => JSON.stringify({ code, message: 'words', status: 400 });
    const cases = [
      [{ status: 429, body: body(20_429) }, 'overloaded', '20429', true],
      [{ status: 429 }, 'overloaded', 'http-429', true],
      [{ status: 400, body: body(10_004) }, 'overloaded', '10004', true],
      [{ status: 401, body: body(20_003) }, 'refused', '20003', false],
      [{ status: 400, body: body(20_003) }, 'refused', '20003', false],
      [{ status: 403 }, 'refused', 'http-403', false],
      [{ status: 400, body: body(21_205) }, 'invalid-request', '21205', false],
      [{ status: 500, body: 'oops' }, 'unavailable', 'http-500', true],
      [{ status: 503, body: '{"code":"text"}' }, 'unavailable', 'http-503', true],
      [{ status: 302, headers: { location: '/elsewhere' } }, 'protocol', 'http-302', false],
    ] as const;

    for (const [fault, failure, code, retryable] of cases) {
      rest.failNext(fault);
      const error = await failureOf(telephony().redirect(rest.addCall(), '<Response/>', { signal }));

      assert.deepEqual([error.failure, error.code, error.retryable], [failure, code, retryable]);
      assert.ok(!error.message.includes('words'));
    }
    assert.equal(rest.requests().length, cases.length);
  });

  test('tells how long Twilio wants to be left alone', async () => {
    rest.failNext({ status: 429, headers: { 'retry-after': '2' } });

    const error = await failureOf(telephony().hangUp(rest.addCall(), { signal }));

    assert.equal(error.retryAfterMs, 2_000);
  });

  test('gives up on an answer that does not come in time', async () => {
    rest.failNext('silent');

    const error = await failureOf(telephony({ timeoutMs: 20 }).hangUp(rest.addCall(), { signal }));

    assert.deepEqual([error.failure, error.retryable], ['timeout', true]);
  });

  test('fails as unavailable when the connection is cut before or in the middle of the answer', async () => {
    for (const fault of ['cut', 'cut-in-answer'] as const) {
      rest.failNext(fault);
      const error = await failureOf(telephony().hangUp(rest.addCall(), { signal }));

      assert.deepEqual([error.failure, error.retryable], ['unavailable', true]);
    }
  });

  test('does not read an answer without end', async () => {
    rest.failNext({ status: 200, body: 'x'.repeat(100 * 1024) });

    const error = await failureOf(telephony().hangUp(rest.addCall(), { signal }));

    assert.deepEqual([error.failure, error.code], ['protocol', 'answer-too-large']);
  });

  test('does not send instructions longer than Twilio takes, for they would cut the call’s stream for nothing', async () => {
    const callSid = rest.addCall();

    const error = await failureOf(telephony().redirect(callSid, 'x'.repeat(twimlCharsMax + 1), { signal }));
    await telephony().redirect(callSid, 'x'.repeat(twimlCharsMax), { signal });

    assert.deepEqual([error.failure, error.code], ['invalid-request', '32018']);
    assert.equal(rest.requests().length, 1);
  });
});
