/** Calls that a phone makes: what the application is asked, what the caller meets, what is billed. */
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { type ExchangeOptions, type SimulatedTwilio, startSimulatedTwilio } from '#local/twilio/exchange.ts';
import { type Application, accountSid, authToken, startApplication, twiml } from './application.ts';
import { pickUpPhone, type TestPhone } from './test-phone.ts';

const from = '+12025550100';
const to = '+12025550142';

let app: Application;
let twilio: SimulatedTwilio;

afterEach(async () => {
  await twilio.close();
  await app.close();
});

/** Starts everything. @returns dials and gives the phone. */
async function start(
  options: Partial<ExchangeOptions> = {},
): Promise<(extra?: object) => Promise<TestPhone>> {
  app = await startApplication();
  twilio = await startSimulatedTwilio({ accountSid, authToken, ...options });
  return async (extra = {}) => {
    const phone = await pickUpPhone(twilio.phoneUrl);
    phone.send({ type: 'dial', from, to, voiceUrl: `${app.url}/voice`, ...extra });
    return phone;
  };
}

const codesOf = (ledger: { readonly violations: readonly { readonly code: number }[] }) =>
  ledger.violations.map(({ code }) => code);

describe('a call', () => {
  test('is announced with every parameter Twilio sends', async () => {
    const dial = await start();
    app.on('/voice', twiml('<Hangup/>'));

    const phone = await dial({ params: { StirVerstat: 'No-TN-Validation', ForwardedFrom: '+12025550177' } });
    const { ledger } = await phone.ended();

    const [asked] = app.asked;
    const { CallSid, ...params } = asked?.params ?? {};
    assert.equal(asked?.signed, true);
    assert.match(String(asked?.headers['content-type']), /^application\/x-www-form-urlencoded/);
    assert.ok(asked?.headers['i-twilio-idempotency-token']);
    assert.match(CallSid ?? '', /^CA[0-9a-f]{32}$/);
    assert.equal(CallSid, ledger.callSid);
    const expected = {
      AccountSid: accountSid,
      ApiVersion: '2010-04-01',
      CallStatus: 'ringing',
      Direction: 'inbound',
      From: from,
      To: to,
      Caller: from,
      Called: to,
      StirVerstat: 'No-TN-Validation',
      ForwardedFrom: '+12025550177',
      FromCountry: 'US',
      FromCity: '',
      ToCountry: 'US',
    };
    assert.deepEqual({ ...params, ...expected }, params);
  });

  test('from a hidden number says so in a word', async () => {
    const dial = await start();
    app.on('/voice', twiml('<Hangup/>'));

    await (await dial({ from: 'anonymous' })).ended();

    const params = app.asked[0]?.params;
    assert.deepEqual(
      [params?.['From'], params?.['FromCountry'], params?.['StirVerstat']],
      ['anonymous', '', undefined],
    );
  });

  test('hears what is said, and ends when the document does', async () => {
    const dial = await start();
    app.on('/voice', twiml('<Say>Hi</Say><Say>Bye</Say>'));

    const { status, ledger } = await (await dial()).ended();

    assert.equal(status, 'completed');
    assert.deepEqual(ledger.said, ['Hi', 'Bye']);
    assert.ok(ledger.durationSecs > 0.2);
    assert.equal(ledger.billedMinutes, 1);
  });

  test('hears a voice when the exchange has one', async () => {
    const dial = await start({
      synthesiser: { speak: async () => ({ audio: new Uint8Array(480).fill(9) }) },
    });
    app.on('/voice', twiml('<Say>Hi</Say><Pause length="1"/>'));

    const phone = await dial();
    await phone.next('said');
    await phone.heard(8);
    phone.send({ type: 'hang-up' });
    await phone.ended();

    assert.equal(Buffer.concat(phone.frames).filter((byte) => byte === 9).length, 480);
  });

  test('that is rejected was never answered and costs nothing', async () => {
    const dial = await start();
    app.on('/voice', twiml('<Reject reason="busy"/>'));

    const phone = await dial();
    const { status, ledger } = await phone.ended();

    assert.equal(status, 'busy');
    assert.equal(ledger.billedMinutes, 0);
    assert.equal(
      phone.events.some(({ type }) => type === 'answered'),
      false,
    );
  });

  test('that the caller gives up while it rings is cancelled', async () => {
    const dial = await start();
    app.on('/voice', twiml('<Pause length="10"/>'));

    const phone = await dial();
    await phone.next('webhook');
    phone.send({ type: 'hang-up' });

    assert.equal((await phone.ended()).status, 'canceled');
  });

  test('goes where documents lead, relative to where they came from', async () => {
    const dial = await start();
    app.on('/voice', twiml('<Redirect method="GET">/menu/first?x=1</Redirect><Say>never</Say>'));
    app.on('/menu/first', twiml('<Redirect>second</Redirect>'));
    app.on('/menu/second', twiml('<Hangup/><Say>never</Say>'));

    const { ledger } = await (await dial()).ended();

    assert.deepEqual(
      app.asked.map(({ method, path }) => `${method} ${path}`),
      ['POST /voice', 'GET /menu/first', 'POST /menu/second'],
    );
    assert.ok(app.asked.every(({ signed }) => signed));
    assert.deepEqual(ledger.said, []);
  });

  for (const [what, reply, code] of [
    ['cannot be had', { status: 500 }, 11_200],
    ['is not TwiML', { body: 'Hello' }, 12_100],
    ['is empty', { body: '' }, 12_100],
    ['has another content type', { body: twiml('<Hangup/>'), contentType: 'application/json' }, 12_300],
    ['has a verb that does not exist', { body: twiml('<Shout/>') }, 12_200],
  ] as const)
    test(`whose document ${what} fails with ${code} and goes to the fallback`, async () => {
      const dial = await start();
      app.on('/voice', reply);
      app.on('/fallback', twiml('<Hangup/>'));

      const { status, ledger } = await (await dial({ fallbackUrl: `${app.url}/fallback` })).ended();

      const fallback = app.asked.at(-1);
      assert.deepEqual(codesOf(ledger), [code]);
      assert.equal(fallback?.path, '/fallback');
      assert.deepEqual(
        [fallback?.params['ErrorCode'], fallback?.params['ErrorUrl']],
        [String(code), `${app.url}/voice`],
      );
      assert.equal(status, 'completed');
    });

  test('without a fallback apologises and has failed', async () => {
    const dial = await start({ synthesiser: { speak: async () => ({ audio: new Uint8Array(160) }) } });
    app.on('/voice', { status: 503 });

    const phone = await dial();
    const { status, ledger } = await phone.ended();

    assert.equal(status, 'failed');
    assert.match(ledger.said[0] ?? '', /application error/);
  });

  test('to a number that has no voice URL, or is nobody’s, does not begin', async () => {
    const dial = await start({ numbers: [{ number: to }] });

    const withoutUrl = await dial({ voiceUrl: undefined });
    const toNobody = await dial({ to: '+12025550199' });

    assert.match(String((await withoutUrl.next('refused'))['problem']), /no voice URL/);
    assert.match(String((await toNobody.next('refused'))['problem']), /not in service/);
    assert.deepEqual(twilio.ledger(), []);
  });

  test('uses what its number is set to, and tells its status callback once, at the end', async () => {
    app = await startApplication();
    const server = app;
    const dial = async () => {
      twilio = await startSimulatedTwilio({
        accountSid,
        authToken,
        numbers: [{ number: to, voiceUrl: `${server.url}/own`, statusCallback: `${server.url}/status` }],
      });
      const phone = await pickUpPhone(twilio.phoneUrl);
      phone.send({ type: 'dial', from, to });
      return phone;
    };
    server.on('/own', twiml('<Hangup/>'));
    server.on('/status', { status: 204 });

    await (await dial()).ended();

    assert.deepEqual(server.paths(), ['/own', '/status']);
    const { params, signed } = server.asked.at(-1) ?? {};
    assert.equal(signed, true);
    assert.deepEqual(
      [params?.['CallStatus'], params?.['Duration'], params?.['CallbackSource'], params?.['SequenceNumber']],
      ['completed', '1', 'call-progress-events', '0'],
    );
    assert.match(params?.['CallDuration'] ?? '', /^\d+$/);
  });

  test('collects keys, and hands them to the action', async () => {
    const dial = await start();
    app.on('/voice', twiml('<Gather action="/keys" numDigits="2" timeout="5"><Pause length="5"/></Gather>'));
    app.on('/keys', twiml('<Hangup/>'));

    const phone = await dial();
    await phone.next('answered');
    phone.send({ type: 'dtmf', digit: '4' });
    phone.send({ type: 'dtmf', digit: '2' });
    await phone.ended();

    assert.equal(app.asked.at(-1)?.params['Digits'], '42');
  });

  test('shows its ledger to whoever asks, without a password', async () => {
    const dial = await start();
    app.on('/voice', twiml('<Hangup/>'));
    await (await dial()).ended();

    const response = await fetch(`${twilio.url}/_simulated/ledger`);
    const { calls } = (await response.json()) as {
      calls: { webhooks: { kind: string; answer: string }[] }[];
    };

    assert.equal(calls[0]?.webhooks[0]?.kind, 'voice');
    assert.match(calls[0]?.webhooks[0]?.answer ?? '', /<Hangup\/>/);
  });
});

describe('a call that is passed on', () => {
  const other = '+12025550111';
  const passOn = (attributes = '') =>
    twiml(`<Dial action="/dialled" ${attributes}><Number>${other}</Number></Dial><Say>never</Say>`);

  test('is bridged with whoever answers, both are billed, and the action is told', async () => {
    const dial = await start({ callees: { [other]: { does: 'answer', afterMs: 0, talksMs: 100 } } });
    app.on('/voice', passOn('timeLimit="60"'));
    app.on('/dialled', twiml('<Hangup/>'));

    const phone = await dial();
    const { ledger } = await phone.ended();

    const params = app.asked.at(-1)?.params;
    assert.deepEqual([params?.['DialCallStatus'], params?.['DialBridged']], ['completed', 'true']);
    const [leg] = ledger.legs;
    assert.deepEqual(
      [leg?.to, leg?.direction, leg?.status, leg?.billedMinutes, leg?.parentCallSid],
      [other, 'outbound-dial', 'completed', 1, ledger.callSid],
    );
    assert.equal(params?.['DialCallSid'], leg?.callSid);
    assert.ok(Buffer.concat(phone.frames).some((byte) => byte !== 0xff && byte !== 0x7f));
  });

  for (const [does, status] of [
    ['decline', 'busy'],
    ['fail', 'failed'],
    ['let-ring', 'no-answer'],
  ] as const)
    test(`says ${status} when the other side does ${does}`, async () => {
      const dial = await start({ callees: { [other]: { does } } });
      app.on('/voice', passOn('timeout="1"'));
      app.on('/dialled', twiml('<Hangup/>'));

      const { ledger } = await (await dial()).ended();

      const params = app.asked.at(-1)?.params;
      assert.deepEqual([params?.['DialCallStatus'], params?.['DialBridged']], [status, 'false']);
      assert.equal(ledger.legs[0]?.billedMinutes, 0);
    });

  test('rings several at once and takes the first; the others are cancelled', async () => {
    const slow = '+12025550112';
    const dial = await start({
      callees: { [other]: { does: 'answer', afterMs: 0, talksMs: 50 }, [slow]: { does: 'let-ring' } },
    });
    app.on('/voice', twiml(`<Dial><Number>${slow}</Number><Number>${other}</Number></Dial><Hangup/>`));

    const { ledger } = await (await dial()).ended();

    assert.deepEqual(
      ledger.legs.map(({ to: number, status }) => [number, status]),
      [
        [slow, 'canceled'],
        [other, 'completed'],
      ],
    );
  });

  test('reaches a phone that waits at that number, and they hear each other', async () => {
    const dial = await start();
    app.on('/voice', passOn('answerOnBridge="true"'));
    app.on('/dialled', twiml('<Hangup/>'));
    const agent = await pickUpPhone(twilio.phoneUrl);
    agent.send({ type: 'register', number: other });
    await agent.next('registered');

    const phone = await dial();
    await agent.next('incoming');
    const answeredEarly = phone.events.some(({ type }) => type === 'answered');
    agent.send({ type: 'answer' });
    await phone.next('bridged');
    phone.speak(new Uint8Array(160).fill(5));
    agent.speak(new Uint8Array(160).fill(6));
    await phone.heard(10);
    agent.send({ type: 'hang-up' });
    await phone.ended();

    assert.equal(answeredEarly, false);
    assert.ok(agent.frames.some((frame) => frame[0] === 5));
    assert.ok(phone.frames.some((frame) => frame[0] === 6));
    assert.equal(app.asked.at(-1)?.params['DialCallStatus'], 'completed');
  });

  test('needs a number in E.164, and a caller id of the account', async () => {
    const dial = await start({
      numbers: [{ number: to }],
      synthesiser: { speak: async () => ({ audio: new Uint8Array(160) }) },
    });
    app.on('/voice', twiml('<Dial>911 please</Dial>'));
    const first = await (await dial()).ended();
    app.on('/voice', passOn('callerId="+12025550188"'));
    const second = await (await dial()).ended();

    assert.deepEqual(codesOf(first.ledger), [13_223]);
    assert.deepEqual(codesOf(second.ledger), [13_214]);
  });
});
