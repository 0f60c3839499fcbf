import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sayAndHangUpTwiml, twimlCharsMax } from '#adapters/twilio/twiml.ts';
import { ProviderError } from '#core/errors.ts';
import type { CallSid } from '#core/ids.ts';
import { createCallStatus } from '#lambdas/http/call-status.ts';
import { createOutboundCall } from '#lambdas/http/outbound-call.ts';
import { fingerprintOf } from '#lambdas/outbound/once.ts';
import type { Services } from '#lambdas/services.ts';
import {
  type Answer,
  gatewayEvent,
  invoke,
  keys,
  storeAway,
  type TestFunctions,
  testFunctions,
  webhookEvent,
} from '#tests/lambdas/functions.ts';

const order = { to: '+14155550100', role: 'advocate' };
const firstSid = 'CA00000000000000000000000000000001' as CallSid;

interface Parts {
  readonly body?: unknown;
  readonly raw?: string;
  readonly key?: string;
  readonly idempotencyKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function request({ body = order, raw, key = keys.calling, idempotencyKey, headers }: Parts = {}) {
  return gatewayEvent({
    method: 'POST',
    path: '/call/outbound',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...headers,
    },
    body: raw ?? JSON.stringify(body),
  });
}

const call = (functions: TestFunctions, parts?: Parts): Promise<Answer> =>
  invoke(createOutboundCall(functions.load), request(parts));

const codeOf = (answer: Answer) => (answer.json as { error: { code: string } }).error.code;

const lostDatabase = new ProviderError('The database failed', {
  provider: 'dynamodb',
  failure: 'unavailable',
});
const carrierError = (
  failure: ConstructorParameters<typeof ProviderError>[1]['failure'],
  code: string,
  retryAfterMs?: number,
) =>
  new ProviderError('Twilio refused a request', {
    provider: 'twilio',
    failure,
    code,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

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

describe('An idempotency key', () => {
  test('gives the same answer again without a second call', async () => {
    const functions = testFunctions();

    const first = await call(functions, { idempotencyKey: 'order 1' });
    await functions.clock.advance(23 * 3_600_000);
    const second = await call(functions, {
      raw: '{"role":"advocate", "to":"+14155550100"}',
      idempotencyKey: 'order 1',
    });

    assert.deepEqual([first.status, second.status], [201, 201]);
    assert.equal(second.body, first.body);
    assert.deepEqual(
      [first.headers['x-idempotent-replay'], second.headers['x-idempotent-replay']],
      [undefined, 'true'],
    );
    assert.equal(second.headers['location'], first.headers['location']);
    assert.equal(functions.carrier.placed.length, 1);
  });

  test('is forgotten after a day', async () => {
    const functions = testFunctions();
    await call(functions, { idempotencyKey: 'order 1' });
    await functions.clock.advance(24 * 3_600_000);

    await call(functions, { idempotencyKey: 'order 1' });

    assert.equal(functions.carrier.placed.length, 2);
  });

  test('of two clients are two keys', async () => {
    const functions = testFunctions();
    await call(functions, { idempotencyKey: 'order 1' });

    await call(functions, { idempotencyKey: 'order 1', key: keys.everything });

    assert.equal(functions.carrier.placed.length, 2);
  });

  test('with another body is refused', async () => {
    const functions = testFunctions();
    await call(functions, { idempotencyKey: 'order 1' });

    const other = await call(functions, { idempotencyKey: 'order 1', body: { ...order, role: 'judge' } });

    assert.deepEqual([other.status, codeOf(other)], [422, 'idempotency_key_reused']);
  });

  test('replays a mistake of the client with the id of the new request', async () => {
    const functions = testFunctions();
    const wrong = { ...order, to: '+19005550100' };

    const first = await call(functions, { idempotencyKey: 'order 1', body: wrong });
    const second = await call(functions, {
      idempotencyKey: 'order 1',
      body: wrong,
      headers: { 'x-request-id': 'second' },
    });

    assert.deepEqual([first.status, second.status], [400, 400]);
    assert.equal(second.headers['x-idempotent-replay'], 'true');
    assert.equal((second.json as { requestId: string }).requestId, 'second');
  });

  test('does not hold a failure of ours, nor one of the carrier, nor a limit', async () => {
    const functions = testFunctions();
    functions.carrier.next(carrierError('overloaded', '20429'));

    const failed = await call(functions, { idempotencyKey: 'order 1' });
    const again = await call(functions, { idempotencyKey: 'order 1' });

    assert.deepEqual([failed.status, again.status], [503, 201]);
    assert.equal(again.headers['x-idempotent-replay'], undefined);
  });

  for (const bad of ['', 'x'.repeat(257), 'clé', 'tab\tbed'])
    test(`of ${bad.length} characters, "${bad.slice(0, 8)}", is refused where it is not printable ASCII`, async () => {
      const functions = testFunctions();

      const answer = await call(functions, { idempotencyKey: bad });

      assert.equal(answer.status, 400);
      assert.equal(functions.carrier.placed.length, 0);
    });

  test('whose memory is away is refused rather than dialled twice', async () => {
    const away = async (): Promise<never> => {
      throw lostDatabase;
    };
    const functions = testFunctions({
      services: { idempotency: { begin: away, complete: away, release: away } },
    });

    const answer = await call(functions, { idempotencyKey: 'order 1' });

    assert.deepEqual([answer.status, codeOf(answer)], [503, 'service_unavailable']);
    assert.equal(answer.headers['retry-after'], '5');
    assert.equal(functions.carrier.placed.length, 0);
  });
});

describe('A call whose answer was lost on the way', () => {
  /** The handler waits between two looks; the clock is moved until it has answered. */
  async function patiently(functions: TestFunctions, parts: Parts): Promise<Answer> {
    let answered = false;
    const answer = call(functions, parts).finally(() => {
      answered = true;
    });
    while (!answered) {
      await new Promise(setImmediate);
      await functions.clock.advance(500);
    }
    return answer;
  }

  test('is found in the list of the carrier, and not dialled again', async () => {
    const functions = testFunctions();
    functions.carrier.next('lost');

    const answer = await patiently(functions, { idempotencyKey: 'order 1' });

    assert.equal(answer.status, 201);
    assert.equal((answer.json as { callSid: string }).callSid, firstSid);
    assert.equal(functions.carrier.placed.length, 1);
    assert.equal((await functions.services.store.find(firstSid))?.keyId, 'calling');
  });

  test('is not mistaken for one that another order has placed', async () => {
    const functions = testFunctions();
    await call(functions, { idempotencyKey: 'order 1' });
    functions.carrier.next({ did: 'unclear' });

    const answer = await patiently(functions, { idempotencyKey: 'order 2' });

    assert.deepEqual([answer.status, codeOf(answer)], [503, 'call_state_unknown']);
  });

  test('that no list shows yet is looked up again by the next request before anything is dialled', async () => {
    const functions = testFunctions();
    functions.carrier.next('lost');
    functions.carrier.showsCalls(false);
    const unknown = await patiently(functions, { idempotencyKey: 'order 1' });
    functions.carrier.showsCalls(true);

    const found = await patiently(functions, { idempotencyKey: 'order 1' });

    assert.deepEqual([unknown.status, found.status], [503, 201]);
    assert.equal(functions.carrier.placed.length, 1);
  });

  test('is known by its callback, which carries our reference', async () => {
    const functions = testFunctions();
    functions.carrier.next('lost');
    functions.carrier.showsCalls(false);
    await patiently(functions, { idempotencyKey: 'order 1' });
    const [placed] = functions.carrier.placed;
    const { pathname: path, search } = new URL(placed?.statusCallbackUrl ?? '');
    const params = { CallSid: firstSid, CallStatus: 'initiated', To: order.to, From: '+18005550199' };
    await invoke(createCallStatus(functions.load), webhookEvent({ path, query: search.slice(1), params }));

    const found = await patiently(functions, { idempotencyKey: 'order 1' });

    assert.equal(found.status, 201);
    assert.equal(functions.carrier.placed.length, 1);
  });

  test('that never came to be is dialled by the next request', async () => {
    const functions = testFunctions();
    functions.carrier.next({ did: 'unclear' });
    await patiently(functions, { idempotencyKey: 'order 1' });

    const placed = await patiently(functions, { idempotencyKey: 'order 1' });

    assert.equal(placed.status, 201);
    assert.equal(functions.carrier.placed.length, 1);
  });

  test('is answered even when the database is lost after the call was placed', async () => {
    const functions = testFunctions();
    const plans = functions.services.outboundPlans;
    const services: Partial<Services> = {
      store: storeAway,
      outboundPlans: {
        ...plans,
        noteCall: async () => {
          throw lostDatabase;
        },
      },
    };
    const losing = testFunctions({ services });

    const answer = await call(losing, { idempotencyKey: 'order 1' });

    assert.equal(answer.status, 201);
    assert.equal(losing.carrier.placed.length, 1);
  });
});

describe('A machine that answers', () => {
  const tell = (functions: TestFunctions, answeredBy: string) => {
    const url = new URL(functions.carrier.placed[0]?.machineDetection?.callbackUrl ?? 'http://none');
    const params = { CallSid: firstSid, AnsweredBy: answeredBy, MachineDetectionDuration: '3500' };
    return invoke(
      createCallStatus(functions.load),
      webhookEvent({ path: url.pathname, query: url.search.slice(1), params }),
    );
  };

  test('is given the message after its beep, and a person is left in peace', async () => {
    const functions = testFunctions();
    const answeringMachine = { action: 'leave-message', message: 'Please call us back.' };
    await call(functions, { body: { ...order, answeringMachine } });

    await tell(functions, 'human');
    const untilNow = functions.carrier.changes.length;
    await tell(functions, 'machine_end_beep');

    assert.equal(functions.carrier.placed[0]?.machineDetection?.until, 'end-of-greeting');
    assert.equal(untilNow, 0);
    const [[callSid, twiml] = []] = functions.carrier.changes;
    assert.equal(callSid, firstSid);
    assert.match(twiml ?? '', /<Say[^>]*>Please call us back\.<\/Say><Hangup\/>/);
    assert.equal((await functions.services.store.find(firstSid))?.answeredBy, 'machine_end_beep');
  });

  test('is hung up on where that was ordered', async () => {
    const functions = testFunctions();
    await call(functions, { body: { ...order, answeringMachine: { action: 'hang-up' } } });

    await tell(functions, 'machine_start');

    assert.equal(functions.carrier.placed[0]?.machineDetection?.until, 'known');
    assert.deepEqual(functions.carrier.changes, [[firstSid, 'hang-up']]);
  });

  test('that may be a person is not hung up on', async () => {
    const functions = testFunctions();
    await call(functions, { body: { ...order, answeringMachine: { action: 'hang-up' } } });

    await tell(functions, 'unknown');

    assert.deepEqual(functions.carrier.changes, []);
  });
});

describe('The limit on outbound calls', () => {
  test('refuses the thirty-first in a minute and tells when to come back', async () => {
    const functions = testFunctions();
    for (let i = 0; i < 30; i += 1) await call(functions);

    const refused = await call(functions);

    assert.deepEqual([refused.status, codeOf(refused)], [429, 'too_many_requests']);
    const { retryAfterSeconds } = (refused.json as { error: { retryAfterSeconds: number } }).error;
    assert.equal(refused.headers['retry-after'], String(retryAfterSeconds));
    assert.ok(retryAfterSeconds >= 1 && retryAfterSeconds <= 62);
    assert.equal(refused.headers['ratelimit-remaining'], '0');
    assert.deepEqual(functions.lastLine('limit.hit'), {
      level: 'warn',
      msg: 'limit.hit',
      limit: 'outbound-per-key',
      keyId: 'calling',
      retryAfterSeconds,
    });
    assert.equal(functions.carrier.placed.length, 30);
  });

  test('is each key its own', async () => {
    const functions = testFunctions();
    for (let i = 0; i < 31; i += 1) await call(functions);

    assert.equal((await call(functions, { key: keys.everything })).status, 201);
  });

  test('does not count answers that are given again', async () => {
    const functions = testFunctions();
    for (let i = 0; i < 40; i += 1) await call(functions, { idempotencyKey: 'order 1' });

    assert.equal((await call(functions)).headers['ratelimit-remaining'], '28');
  });

  const mistakes: readonly (readonly [string, Parts & { readonly query?: string }, number])[] = [
    ['a body that is no JSON', { raw: '{"to":' }, 400],
    ['a body of another type', { headers: { 'content-type': 'text/plain' } }, 415],
    ['a body that is large', { body: { ...order, voice: 'x'.repeat(20_000) } }, 413],
    ['a role that nobody has', { body: { ...order, role: 'wizard' } }, 400],
    ['a number that no plan has', { body: { ...order, to: '+19995550100' } }, 400],
    ['a premium number', { body: { ...order, to: '+19005550100' } }, 400],
    ['a country that is not allowed', { body: { ...order, to: '+447400123456' } }, 400],
    ['a number that is blocked', { body: { ...order, to: '+14155550199' } }, 400],
    ['an idempotency key that is none', { idempotencyKey: 'clé' }, 400],
    ['a query that says it twice', { query: 'a=1&a=2' }, 400],
    ['another body with a known key', { idempotencyKey: 'order 1', body: { ...order, role: 'judge' } }, 422],
    ['a request whose first is under way', { idempotencyKey: 'order under way' }, 409],
  ];
  for (const [name, { query, ...parts }, status] of mistakes)
    test(`counts ${name}, and tells what is left`, async () => {
      const functions = testFunctions();
      functions.blocked.add(functions.services.hashNumber('+14155550199'));
      await call(functions, { idempotencyKey: 'order 1' });
      const underWay = functions.services.pseudonym('request', 'calling order under way');
      await functions.services.idempotency.begin(underWay, fingerprintOf(order));

      const event = { ...request(parts), ...(query === undefined ? {} : { rawQueryString: query }) };
      const answer = await invoke(createOutboundCall(functions.load), event);

      assert.deepEqual([answer.status, answer.headers['ratelimit-remaining']], [status, '28']);
      assert.equal((await call(functions)).headers['ratelimit-remaining'], '27');
    });

  test('is what a request meets first: over it, nothing is looked up, and nothing is remembered', async () => {
    const lookedUp: string[] = [];
    const functions = testFunctions();
    const watched = testFunctions({
      services: {
        limiter: functions.services.limiter,
        numberFacts: async (number) => {
          lookedUp.push(number);
          return functions.services.numberFacts(number);
        },
      },
    });
    for (let i = 0; i < 30; i += 1) await call(functions, { raw: 'nonsense' });

    const plain = await call(watched);
    const keyed = await call(watched, { idempotencyKey: 'order 1' });
    await functions.clock.advance(62_000);
    const again = await call(watched, { idempotencyKey: 'order 1' });

    assert.deepEqual([plain.status, keyed.status, again.status], [429, 429, 201]);
    assert.equal(lookedUp.length, 1);
  });

  test('does not count a mistake that is told again', async () => {
    const functions = testFunctions();
    const wrong = { idempotencyKey: 'order 1', body: { ...order, to: '+19005550100' } };
    for (let i = 0; i < 40; i += 1) assert.equal((await call(functions, wrong)).status, 400);

    assert.equal((await call(functions)).headers['ratelimit-remaining'], '28');
  });

  test('of the stage counts what is dialled only', async () => {
    const functions = testFunctions({ variables: { CALLS_PER_MINUTE_MAX: '2' } });
    for (let i = 0; i < 5; i += 1) await call(functions, { body: { ...order, to: '+19005550100' } });

    const answers = [await call(functions), await call(functions), await call(functions)];

    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 201, 429],
    );
  });
});

describe('A message for a machine', () => {
  const leaving = (message: string): Parts => ({
    body: { ...order, answeringMachine: { action: 'leave-message', message } },
  });
  const fieldsOf = (answer: Answer) => (answer.json as { error: { fields: string[] } }).error.fields;

  test('that is longer than the carrier takes once it is written as XML is refused before anybody is called', async () => {
    for (const letter of ['&', '<', '>', '&<']) {
      const functions = testFunctions();

      const answer = await call(functions, leaving(letter.repeat(1_000 / letter.length)));

      const shorter = /is (\d+) characters too long/.exec(fieldsOf(answer)[0] ?? '')?.[1];
      assert.equal(answer.status, 400);
      assert.match(
        fieldsOf(answer)[0] ?? '',
        /^answeringMachine\.message: .*shorten it, or write them as words$/,
      );
      assert.ok(Number(shorter) > 0);
      assert.equal(functions.carrier.placed.length, 0);
    }
  });

  test('is taken up to the last character that the carrier takes, and arrives whole', async () => {
    const around = sayAndHangUpTwiml('x').length - 1;
    const fits = Math.floor((twimlCharsMax - around) / '&amp;'.length);
    const [good, bad] = [testFunctions(), testFunctions()];
    const longest = async (functions: TestFunctions, count: number) =>
      call(functions, leaving('&'.repeat(count)));

    const taken = await longest(good, fits);
    const refused = await longest(bad, fits + 1);
    const url = new URL(good.carrier.placed[0]?.machineDetection?.callbackUrl ?? 'http://none');
    const params = { CallSid: firstSid, AnsweredBy: 'machine_end_beep', MachineDetectionDuration: '3500' };
    await invoke(
      createCallStatus(good.load),
      webhookEvent({ path: url.pathname, query: url.search.slice(1), params }),
    );

    assert.deepEqual([taken.status, refused.status], [201, 400]);
    const [[, twiml = ''] = []] = good.carrier.changes;
    assert.ok(twiml.length <= twimlCharsMax && twiml.length > twimlCharsMax - 10, String(twiml.length));
    assert.equal(twiml.split('&amp;').length - 1, fits);
  });

  test('of a thousand plain characters is taken', async () => {
    assert.equal((await call(testFunctions(), leaving('é'.repeat(1_000)))).status, 201);
  });

  test('that has nothing to read out is refused', async () => {
    const answer = await call(testFunctions(), leaving('\u0001\u0002'));

    assert.equal(answer.status, 400);
    assert.deepEqual(fieldsOf(answer), [
      'answeringMachine.message: holds nothing that can be read out: give it words',
    ]);
  });
});
