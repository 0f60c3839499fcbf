import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testFunctions } from '#tests/lambdas/functions.ts';
import { storeAway } from '#tests/support/store-away.ts';

import { callSid, claimsIn, params, ring } from './ringing.ts';

describe('A caller', () => {
  test('is connected with a stream', async () => {
    const functions = testFunctions();

    const answer = await ring(functions);

    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type'] ?? '', /^text\/xml/);
    assert.match(
      answer.body,
      /<Connect action="https:\/\/voice\.example\.com\/call\/stream-ended" method="POST">/,
    );
    assert.match(answer.body, /<Stream url="wss:\/\/media\.example\.com\/call\/stream"/);
    assert.match(answer.body, /statusCallback="https:\/\/voice\.example\.com\/call\/status"/);
    assert.match(answer.body, /<Parameter name="role" value="parent"\/>/);
  });

  test('gets a stream token for this very call that lives a minute', async () => {
    const answer = await ring(testFunctions());

    assert.deepEqual(claimsIn(answer), {
      callSid,
      role: 'parent',
      direction: 'inbound',
      callerHash: testFunctions().services.hashNumber('+14155550100'),
      callerMasked: '+1******0100',
      tollFree: true,
      nonce: 'nonce-nonce-nonce-1',
      expiresAt: Date.parse('2026-11-21T12:01:00Z') / 1000,
    });
  });

  test('has a record that rings, without the number', async () => {
    const functions = testFunctions({ variables: { RECORDS_TTL_DAYS: '0.5' } });

    await ring(functions);

    assert.deepEqual(await functions.services.store.find(callSid), {
      callSid,
      status: 'ringing',
      role: 'parent',
      direction: 'inbound',
      numberMasked: '+1******0100',
      callerHash: functions.services.hashNumber('+14155550100'),
      tollFree: true,
      startedAt: '2026-11-21T12:00:00.000Z',
      aliveAt: '2026-11-21T12:00:00.000Z',
      turnCount: 0,
      expiresAt: Date.parse('2026-11-22T00:00:00Z') / 1000,
    });
  });

  test('stands in no line with the number', async () => {
    const functions = testFunctions({ services: { store: storeAway } });

    await ring(functions);

    assert.doesNotMatch(JSON.stringify(functions.lines), /4155550100/);
  });

  for (const from of ['anonymous', '', 'client:alice', 'sip:alice@example.com', '+266696687'])
    test(`who calls from "${from}" is connected too`, async () => {
      const answer = await ring(testFunctions(), { params: { ...params, From: from } });

      assert.match(answer.body, /<Stream /);
    });

  test('whose webhook comes in clear text is connected just the same', async () => {
    const answer = await ring(testFunctions(), { base64: false });

    assert.match(answer.body, /<Stream /);
  });
});

describe('A webhook that Twilio sends again', () => {
  test('gets a stream again, with a token of its own, and the one record stays', async () => {
    const functions = testFunctions();
    const first = await ring(functions);
    await functions.clock.advance(5_000);

    const second = await ring(functions);

    assert.equal(second.status, 200);
    assert.notEqual(claimsIn(second).nonce, claimsIn(first).nonce);
    const { items } = await functions.services.store.list({ index: { by: 'day' }, limit: 10 });
    assert.deepEqual(
      items.map(({ startedAt }) => startedAt),
      ['2026-11-21T12:00:00.000Z'],
    );
  });
});

describe('The role in which a call is answered', () => {
  const map = JSON.stringify({
    '+18005550199': { role: 'judge', voice: 'a-voice', transferTo: '+14155550111' },
    '+18005550198': { voice: 'another-voice' },
  });

  test('is the default unless somebody says otherwise', async () => {
    const answer = await ring(testFunctions({ variables: { DEFAULT_ROLE: 'advocate' } }));

    assert.equal(claimsIn(answer).role, 'advocate');
  });

  test('is the one of the address', async () => {
    const answer = await ring(testFunctions(), { query: 'role=attorney' });

    assert.equal(claimsIn(answer).role, 'attorney');
  });

  test('is the one of the number before that, with its voice and the person behind it', async () => {
    const answer = await ring(testFunctions({ variables: { INBOUND_PHONE_MAP: map } }), {
      query: 'role=attorney',
    });

    const { role, voice, transferTo } = claimsIn(answer);
    assert.deepEqual([role, voice, transferTo], ['judge', 'a-voice', '+14155550111']);
  });

  test('is the one of the address for a number that has only a voice', async () => {
    const answer = await ring(testFunctions({ variables: { INBOUND_PHONE_MAP: map } }), {
      query: 'role=attorney',
      params: { ...params, To: '+18005550198' },
    });

    const { role, voice } = claimsIn(answer);
    assert.deepEqual([role, voice], ['attorney', 'another-voice']);
  });

  test('is the default when nobody knows the one of the address: the caller is not turned away', async () => {
    const functions = testFunctions();

    const answer = await ring(functions, { query: 'role=wizard' });

    assert.equal(claimsIn(answer).role, 'parent');
    assert.equal(functions.lastLine('call.unknown-role')?.level, 'warn');
  });

  for (const to of ['__proto__', 'constructor', 'toString'])
    test(`is not looked up outside the map for "${to}"`, async () => {
      const answer = await ring(testFunctions(), { params: { ...params, To: to } });

      assert.equal(claimsIn(answer).role, 'parent');
    });
});

describe('When something is away', () => {
  test('the store costs nobody the call', async () => {
    const functions = testFunctions({ services: { store: storeAway } });

    const answer = await ring(functions);

    assert.match(answer.body, /<Stream /);
    assert.deepEqual(functions.lastLine('provider.failed'), {
      level: 'error',
      msg: 'provider.failed',
      callSid,
      provider: 'dynamodb',
      failure: 'unavailable',
      code: 'ECONNREFUSED',
      retryable: true,
    });
  });

  test('our own mistake is told to the caller in a sentence that names help', async () => {
    const functions = testFunctions({
      services: {
        newNonce: () => {
          throw new TypeError("caller's words");
        },
      },
    });

    const answer = await ring(functions);

    assert.equal(answer.status, 200);
    assert.match(answer.body, /<Say[^>]*>.*nine one one.*nine eight eight.*<\/Say><Hangup\/>/);
    assert.equal(functions.lastLine('function.unexpected-error')?.['error'], 'TypeError');
    assert.doesNotMatch(JSON.stringify(functions.lines), /caller's words/);
  });
});

describe('A request that is no incoming call', () => {
  for (const [what, wrong] of [
    ['without a CallSid', { ...params, CallSid: '' }],
    ['with a CallSid of another kind', { ...params, CallSid: `MZ${'0'.repeat(32)}` }],
  ] as const)
    test(`${what} is refused with what is wrong`, async () => {
      const answer = await ring(testFunctions(), { params: wrong });

      assert.equal(answer.status, 400);
      assert.match(answer.body, /CallSid/);
    });
});
