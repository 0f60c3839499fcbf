/** What web pages may do: register a call, give a consent. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { visitorDigest } from '#adapters/crypto/visitor-digest.ts';
import { currentDisclosure, disclosures } from '#core/consent/disclosures.ts';
import type { CallSid } from '#core/ids.ts';
import { createConsent } from '#lambdas/http/consent.ts';
import { createWebCallRegister } from '#lambdas/http/web-call-register.ts';
import {
  type Answer,
  gatewayEvent,
  invoke,
  publicBaseUrl,
  type TestFunctions,
  testFunctions,
} from '#tests/lambdas/functions.ts';

const visitorId = 'visitor-0123456789';
const consent = {
  phone: '+14155550100',
  consent: true,
  disclosureVersion: currentDisclosure,
  disclosureText: disclosures[currentDisclosure],
};

interface Parts {
  readonly body?: unknown;
  readonly origin?: string | null;
  readonly method?: string;
  readonly ip?: string;
}

function event(path: string, { body, origin = publicBaseUrl, method = 'POST', ip }: Parts) {
  const made = gatewayEvent({
    method,
    path,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Browser/1',
      ...(origin === null ? {} : { origin }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (ip !== undefined) made.requestContext.http.sourceIp = ip;
  return made;
}

const register = (functions: TestFunctions, parts: Parts = {}): Promise<Answer> =>
  invoke(
    createWebCallRegister(functions.load),
    event('/web-call/register', { body: { role: 'parent', visitorId }, ...parts }),
  );
const agree = (functions: TestFunctions, parts: Parts = {}): Promise<Answer> =>
  invoke(createConsent(functions.load), event('/api/consent', { body: consent, ...parts }));

const registered = (answer: Answer) =>
  answer.json as { callSid: CallSid; token: string; streamUrl: string; protocols: string[] };

describe('A visitor who registers a web call', () => {
  test('gets a token that is bound to call, persona and visitor, for a minute and for five minutes of talk', async () => {
    const functions = testFunctions();

    const answer = await register(functions);

    assert.equal(answer.status, 201);
    const { callSid, token, streamUrl, protocols } = registered(answer);
    assert.equal(streamUrl, 'wss://media.example.com/web-call/stream');
    assert.deepEqual(protocols, ['voice-center', token]);
    const claims = functions.services.streamTokens.read(token);
    if ('refused' in claims) throw new Error('The token cannot be read');
    const { nonce, callerHash, ...rest } = claims;
    assert.deepEqual(rest, {
      callSid,
      role: 'parent',
      direction: 'web',
      callerMasked: 'web visitor',
      visitor: visitorDigest(visitorId),
      maxSecs: 300,
      expiresAt: Date.parse('2026-11-21T12:01:00Z') / 1000,
    });
    const record = await functions.services.store.find(callSid);
    assert.deepEqual([record?.status, record?.direction], ['queued', 'web']);
    assert.doesNotMatch(JSON.stringify(functions.lines), new RegExp(`${visitorId}|203\\.0\\.113`));
  });

  test('may do so three times in ten minutes, whatever the address', async () => {
    const functions = testFunctions();
    const statuses = [];
    for (let i = 0; i < 4; i += 1)
      statuses.push((await register(functions, { ip: `198.51.100.${i}` })).status);

    assert.deepEqual(statuses, [201, 201, 201, 429]);
  });

  test('shares five in a quarter of an hour, and twenty in an hour, with everybody at the address', async () => {
    const functions = testFunctions();
    let taken = 0;
    for (let quarter = 0; quarter < 4; quarter += 1) {
      for (let i = 0; i < 6; i += 1) {
        const body = { role: 'parent', visitorId: `visitor-number-${quarter}-${i}` };
        if ((await register(functions, { body })).status === 201) taken += 1;
      }
      assert.equal(taken, 5 * (quarter + 1));
      await functions.clock.advance(930_000 - (quarter === 3 ? 930_000 : 0));
    }
    const refused = await register(functions, { body: { role: 'parent', visitorId: 'yet-another-visitor' } });

    assert.equal(refused.status, 429);
    assert.match(refused.headers['retry-after'] ?? '', /^\d+$/);
    assert.equal(refused.headers['access-control-allow-origin'], publicBaseUrl);
  });

  test('rests thirty seconds after a call, and has one at a time', async () => {
    const functions = testFunctions();
    const { store } = functions.services;
    const { callSid } = registered(await register(functions));
    await store.update(callSid, { status: 'in-progress' });
    const during = await register(functions);
    const costSummary = {} as Parameters<typeof store.finish>[1]['costSummary'];
    await functions.clock.advance(60_000);
    const endedAt = functions.clock.now().toISOString();
    await store.finish(callSid, {
      outcome: 'completed',
      endedAt,
      durationSecs: 60,
      turnCount: 4,
      costSummary,
    });
    await functions.clock.advance(20_000);
    const resting = await register(functions);
    await functions.clock.advance(10_000);
    const rested = await register(functions);

    assert.deepEqual([during.status, resting.status, rested.status], [429, 429, 201]);
    const { error } = resting.json as { error: { retryAfterSeconds: number; message: string } };
    assert.equal(error.retryAfterSeconds, 10);
    assert.match(error.message, /Thank you/);
  });
});

describe('A page', () => {
  for (const [what, origin] of [
    ['of somebody else', 'https://evil.example.org'],
    ['of an origin that only begins like ours', `${publicBaseUrl}.evil.example.org`],
    ['in a sandbox', 'null'],
    ['that is none', null],
  ] as const)
    test(`${what} may neither register nor agree`, async () => {
      const functions = testFunctions();

      const answers = [
        await register(functions, { origin }),
        await agree(functions, { origin }),
        await register(functions, { origin, method: 'OPTIONS' }),
      ];

      for (const { status, headers } of answers) {
        assert.equal(status, 403);
        assert.equal(headers['access-control-allow-origin'], undefined);
      }
    });

  test('of ours may read why its body was refused', async () => {
    for (const body of ['{', '[]', JSON.stringify({ visitorId: 'x'.repeat(20_000) })]) {
      const functions = testFunctions();
      const headers = { origin: publicBaseUrl, 'content-type': 'application/json' };
      const event = gatewayEvent({ method: 'POST', path: '/web-call/register', headers, body });
      const answer = await invoke(createWebCallRegister(functions.load), event);

      assert.ok(answer.status === 400 || answer.status === 413);
      assert.equal(answer.headers['access-control-allow-origin'], publicBaseUrl);
    }
  });

  test('of ours is told so before it posts', async () => {
    const answer = await agree(testFunctions(), { method: 'OPTIONS' });

    assert.equal(answer.status, 204);
    assert.equal(answer.headers['access-control-allow-origin'], publicBaseUrl);
    assert.equal(answer.headers['access-control-allow-methods'], 'POST');
    assert.equal(answer.headers['vary'], 'Origin');
  });

  test('of another origin that the settings name is as good', async () => {
    const functions = testFunctions({
      variables: { WEB_ORIGINS: 'https://a.example.org, https://b.example.org' },
    });

    const answer = await register(functions, { origin: 'https://b.example.org' });

    assert.equal(answer.headers['access-control-allow-origin'], 'https://b.example.org');
  });
});

describe('A consent', () => {
  test('is kept with what was shown, when and from where, without number and address', async () => {
    const functions = testFunctions();

    const answer = await agree(functions);

    assert.equal(answer.status, 201);
    const { consents, hashNumber } = functions.services;
    const [kept] = await consents.of(hashNumber(consent.phone));
    assert.equal(kept?.disclosureText, consent.disclosureText);
    assert.deepEqual([kept?.at, kept?.phoneMasked], ['2026-11-21T12:00:00.000Z', '+1******0100']);
    const traces = JSON.stringify([kept, functions.lines, answer.json]);
    assert.doesNotMatch(traces, /4155550100|203\.0\.113/);
    assert.equal(functions.lastLine('consent.given')?.['phone'], '+1******0100');
  });

  test('sends nobody anything', async () => {
    const functions = testFunctions();

    await agree(functions);

    assert.equal(functions.carrier.placed.length, 0);
  });

  const wrong = [
    ['without the box checked', { consent: false }],
    ['to another text', { disclosureText: 'I agree to everything.' }],
    ['to a version that never was', { disclosureVersion: '1999-01' }],
    ['to a version by the name of a method', { disclosureVersion: 'toString' }],
    ['for something that is no number', { phone: '555-0100' }],
    ['for a number that no plan has', { phone: '+19995550100' }],
  ] as const;
  for (const [what, fields] of wrong)
    test(`${what} is none`, async () => {
      const functions = testFunctions();

      const answer = await agree(functions, { body: { ...consent, ...fields } });

      assert.equal(answer.status, 400);
      assert.deepEqual(
        await functions.services.consents.of(functions.services.hashNumber(consent.phone)),
        [],
      );
    });

  test('is taken ten times an hour from one address', async () => {
    const functions = testFunctions();
    const statuses = [];
    for (let i = 0; i < 11; i += 1) statuses.push((await agree(functions)).status);

    assert.deepEqual(statuses.slice(-2), [201, 429]);
  });
});
