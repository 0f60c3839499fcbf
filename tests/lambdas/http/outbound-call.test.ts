import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keys, testFunctions } from '#tests/lambdas/functions.ts';

import { call, carrierError, codeOf, firstSid, lostDatabase, order, type Parts } from './orders.ts';

describe('An ordered call', () => {
  test('is placed, recorded and answered with its CallSid', async () => {
    const functions = testFunctions();

    const answer = await call(functions);

    assert.equal(answer.status, 201);
    assert.deepEqual(answer.json, {
      callSid: firstSid,
      status: 'queued',
      role: 'advocate',
      direction: 'outbound',
      numberMasked: '+1******0100',
      startedAt: '2026-11-21T12:00:00.000Z',
    });
    assert.equal(answer.headers['location'], `/records/${firstSid}`);
    assert.deepEqual(
      [answer.headers['ratelimit-limit'], answer.headers['ratelimit-remaining']],
      ['30', '29'],
    );
    const record = await functions.services.store.find(firstSid);
    assert.deepEqual([record?.status, record?.direction, record?.keyId], ['queued', 'outbound', 'calling']);
    assert.doesNotMatch(JSON.stringify(functions.lines), /4155550100/);
  });

  test('tells the carrier its own addresses, bounds and events', async () => {
    const functions = testFunctions();

    await call(functions, { body: { ...order, voice: 'a-voice', ringSecs: 20, timeLimitSecs: 600 } });

    const [placed] = functions.carrier.placed;
    const { ref } = Object.fromEntries(new URL(placed?.answerUrl ?? '').searchParams);
    assert.match(
      placed?.answerUrl ?? '',
      /^https:\/\/voice\.example\.com\/call\/answered\?ref=.+&role=advocate&voice=a-voice&key=calling$/,
    );
    assert.equal(placed?.statusCallbackUrl, `https://voice.example.com/call/status?ref=${ref}`);
    assert.deepEqual(
      [placed?.from, placed?.ringSecs, placed?.timeLimitSecs, placed?.machineDetection],
      ['+18005550199', 20, 600, undefined],
    );
  });

  for (const [name, key, status] of [
    ['without a key', '', 401],
    ['with an unknown key', 'nobody', 401],
    ['with an expired key', keys.expired, 401],
    ['with a key that may only read', keys.reading, 403],
  ] as const)
    test(`${name} is not placed`, async () => {
      const functions = testFunctions();

      const answer = await call(functions, { key });

      assert.equal(answer.status, status);
      assert.equal(functions.carrier.placed.length, 0);
    });
});

describe('A destination', () => {
  const refusals: readonly (readonly [string, string, string])[] = [
    ['no number at all', 'nonsense', 'bad_request'],
    ['a number without its country', '4155550100', 'bad_request'],
    ['a number that no plan has', '+19995550100', 'number_not_valid'],
    ['a number that is too short for its plan', '+1415555', 'number_not_valid'],
    ['a 900 number', '+19005550100', 'destination_not_allowed'],
    ['a number in Jamaica, which dials like the United States', '+18765550100', 'destination_not_allowed'],
    ['a number in the United Kingdom', '+447400123456', 'destination_not_allowed'],
    ['one of our own numbers', '+18005550199', 'destination_not_allowed'],
  ];
  for (const [name, to, code] of refusals)
    test(`that is ${name} is refused`, async () => {
      const functions = testFunctions();

      const answer = await call(functions, { body: { ...order, to } });

      assert.equal(answer.status, 400);
      assert.equal(codeOf(answer), code);
      assert.equal(functions.carrier.placed.length, 0);
    });

  test('in Canada is called, told from the United States by its area code', async () => {
    const canadaOnly = testFunctions({ variables: { OUTBOUND_COUNTRIES: 'CA' } });

    const canada = await call(canadaOnly, { body: { ...order, to: '+14165550100' } });
    const unitedStates = await call(canadaOnly, { body: order });

    assert.deepEqual([canada.status, unitedStates.status], [201, 400]);
  });

  test('anywhere is called when every country is allowed, but no premium number', async () => {
    const everywhere = testFunctions({ variables: { OUTBOUND_COUNTRIES: '*' } });

    const london = await call(everywhere, { body: { ...order, to: '+442079460123' } });
    const premium = await call(everywhere, { body: { ...order, to: '+449098790000' } });

    assert.deepEqual([london.status, premium.status], [201, 400]);
  });

  test('that is blocked is refused, and so is everybody while the list cannot be read', async () => {
    const functions = testFunctions();
    functions.blocked.add(functions.services.hashNumber(order.to));
    const withoutList = testFunctions({
      services: {
        blockList: {
          isBlocked: async () => {
            throw lostDatabase;
          },
        },
      },
    });

    const blocked = await call(functions);
    const unknown = await call(withoutList);

    assert.deepEqual([blocked.status, unknown.status], [400, 503]);
    assert.equal(functions.carrier.placed.length + withoutList.carrier.placed.length, 0);
  });
});

describe('A body', () => {
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  const cases: readonly (readonly [string, Parts, number])[] = [
    ['that is no JSON', { raw: '{"to":' }, 400],
    ['that is empty', { raw: '' }, 400],
    ['that is a list', { body: [order] }, 400],
    ['with a member nobody knows', { body: { ...order, timeLimit: 5 } }, 400],
    ['with a prototype', { raw: '{"__proto__":{"to":"+14155550100"},"role":"parent"}' }, 400],
    ['that is deep', { raw: deep }, 400],
    ['that is large', { body: { ...order, voice: 'x'.repeat(20_000) } }, 413],
    ['of another type', { headers: { 'content-type': 'text/plain' } }, 415],
    ['of no type', { headers: { 'content-type': '' } }, 415],
    ['with a time limit out of bounds', { body: { ...order, timeLimitSecs: 1e9 } }, 400],
    ['with a voice that reaches into the address', { body: { ...order, voice: 'a&ref=b' } }, 400],
  ];
  for (const [name, parts, status] of cases)
    test(`${name} is refused`, async () => {
      const functions = testFunctions();

      const answer = await call(functions, parts);

      assert.equal(answer.status, status);
      assert.equal(functions.carrier.placed.length, 0);
    });
});

describe('A refusal of the carrier', () => {
  const refusals = [
    ['not-valid', '21211', 'number_not_valid'],
    ['unreachable', '21214', 'number_unreachable'],
    ['country-not-permitted', '21215', 'destination_not_allowed'],
    ['blocked-by-carrier', '21216', 'destination_not_allowed'],
    ['not-verified', '21219', 'destination_not_allowed'],
  ] as const;
  for (const [why, code, problem] of refusals)
    test(`for the number (${code}) is the client's to mend`, async () => {
      const functions = testFunctions();
      functions.carrier.next({ did: 'refused', why, code });

      const answer = await call(functions);

      assert.equal(answer.status, 400);
      const { error } = answer.json as { error: { code: string; carrierCode: string; message: string } };
      assert.deepEqual([error.code, error.carrierCode], [problem, code]);
    });

  test('for too many requests (20429) is told with the time to wait', async () => {
    const functions = testFunctions();
    functions.carrier.next(carrierError('overloaded', '20429', 3_000));

    const answer = await call(functions);

    assert.deepEqual(
      [answer.status, codeOf(answer), answer.headers['retry-after']],
      [503, 'carrier_busy', '3'],
    );
  });

  test('of our own account (20003, 21210) is for an operator', async () => {
    const functions = testFunctions();
    functions.carrier.next(carrierError('refused', '20003'), carrierError('invalid-request', '21210'));

    const answers = [await call(functions), await call(functions)];

    assert.deepEqual(answers.map(codeOf), ['carrier_refused', 'carrier_refused']);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [502, 502],
    );
  });
});
