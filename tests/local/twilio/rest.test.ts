/** The REST side, as an application uses it, over real sockets. */
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { createTwilioTelephony } from '#adapters/twilio/telephony.ts';
import { callSidSchema } from '#core/ids.ts';
import { type ExchangeOptions, type SimulatedTwilio, startSimulatedTwilio } from '#local/twilio/exchange.ts';
import {
  type Application,
  accountSid,
  authToken,
  type StreamConnection,
  startApplication,
  twiml,
} from './application.ts';
import { pickUpPhone, type TestPhone } from './test-phone.ts';

const ours = '+12025550142';
const theirs = '+12025550100';

let app: Application;
let twilio: SimulatedTwilio;

afterEach(async () => {
  await twilio.close();
  await app.close();
});

async function start(options: Partial<ExchangeOptions> = {}): Promise<void> {
  app = await startApplication();
  twilio = await startSimulatedTwilio({ accountSid, authToken, callsPerSecond: 1_000, ...options });
  app.on('/after', twiml('<Hangup/>'));
  app.on('/answered', twiml('<Hangup/>'));
  app.on('/status', { status: 204 });
}

interface RestAnswer {
  readonly status: number;
  readonly body: { readonly [field: string]: unknown };
}

const basic = (token = authToken) => `Basic ${Buffer.from(`${accountSid}:${token}`).toString('base64')}`;

async function rest(path: string, form?: [string, string][] | Record<string, string>): Promise<RestAnswer> {
  const response = await fetch(`${twilio.url}/2010-04-01/Accounts/${accountSid}${path}`, {
    headers: { authorization: basic() },
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  });
  return { status: response.status, body: (await response.json()) as RestAnswer['body'] };
}

const errorOf = ({ status, body }: RestAnswer) => [status, body['code']];

/** A call that talks with the application. */
async function talking(): Promise<{ phone: TestPhone; stream: StreamConnection; callSid: string }> {
  app.on('/voice', twiml(`<Connect action="/after"><Stream url="${app.streamUrl}/stream"/></Connect>`));
  const opened = new Promise<StreamConnection>((resolve) => app.onStream(resolve));
  const phone = await pickUpPhone(twilio.phoneUrl);
  phone.send({ type: 'dial', from: theirs, to: ours, voiceUrl: `${app.url}/voice` });
  const stream = await opened;
  await stream.next(({ event }) => event === 'start');
  return { phone, stream, callSid: app.asked[0]?.params['CallSid'] ?? '' };
}

describe('the REST API', () => {
  test('wants the account’s token, and knows what it does not have', async () => {
    await start();
    const url = `${twilio.url}/2010-04-01/Accounts/${accountSid}/Calls.json`;

    const wrong = await fetch(url, { headers: { authorization: basic('wrong') } });
    const none = await fetch(url);

    assert.equal(wrong.status, 401);
    assert.equal(((await wrong.json()) as { code: number }).code, 20_003);
    assert.equal(none.status, 401);
    assert.deepEqual(errorOf(await rest('/Messages.json')), [404, 20_404]);
    assert.deepEqual(errorOf(await rest(`/Calls/CA${'0'.repeat(32)}.json`)), [404, 20_404]);
  });

  test('shows a live call as Twilio writes it', async () => {
    await start();
    const { callSid } = await talking();

    const { status, body } = await rest(`/Calls/${callSid}.json`);

    assert.equal(status, 200);
    const { sid, direction, price, duration, start_time: startTime } = body;
    assert.deepEqual(
      [sid, body['status'], direction, price, duration],
      [callSid, 'in-progress', 'inbound', null, null],
    );
    assert.match(String(startTime), /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/);
  });

  test('lists calls newest first, by number and by time, in pages', async () => {
    await start();
    app.on('/voice', twiml('<Hangup/>'));
    for (const from of ['+12025550101', '+12025550102', '+12025550103']) {
      const phone = await pickUpPhone(twilio.phoneUrl);
      phone.send({ type: 'dial', from, to: ours, voiceUrl: `${app.url}/voice` });
      await phone.ended();
    }
    const numbers = ({ body }: RestAnswer) => (body['calls'] as { from: string }[]).map(({ from }) => from);
    const today = new Date().toISOString().slice(0, 10);

    const all = await rest('/Calls.json');
    const first = await rest('/Calls.json?PageSize=2');
    const next = await rest(String(first.body['next_page_uri']).replace(/^.*\/Calls/, '/Calls'));

    assert.deepEqual(numbers(all), ['+12025550103', '+12025550102', '+12025550101']);
    assert.deepEqual(numbers(first), ['+12025550103', '+12025550102']);
    assert.deepEqual([numbers(next), next.body['next_page_uri']], [['+12025550101'], null]);
    assert.deepEqual(numbers(await rest('/Calls.json?From=%2B12025550102')), ['+12025550102']);
    assert.equal(numbers(await rest(`/Calls.json?To=%2B12025550142&StartTime%3E=${today}`)).length, 3);
    assert.equal(numbers(await rest('/Calls.json?StartTime%3E=2999-01-01')).length, 0);
    assert.deepEqual(errorOf(await rest('/Calls.json?PageSize=5000')), [400, 20_006]);
  });

  test('ends a call: the stream stops, the action is told, and a second time it is over', async () => {
    await start();
    const { phone, stream, callSid } = await talking();

    const ended = await rest(`/Calls/${callSid}.json`, { Status: 'completed' });
    await stream.next(({ event }) => event === 'stop');
    const { status } = await phone.ended();

    assert.deepEqual([ended.status, ended.body['status']], [200, 'completed']);
    assert.equal(status, 'completed');
    assert.ok(app.paths().includes('/after'));
    assert.deepEqual(errorOf(await rest(`/Calls/${callSid}.json`, { Status: 'completed' })), [400, 21_220]);
  });

  test('can say of a call that is over that there is none', async () => {
    await start({ overCallAnswer: 'not-found' });
    const { phone, callSid } = await talking();
    phone.send({ type: 'hang-up' });
    await phone.ended();

    const answer = await rest(`/Calls/${callSid}.json`, { Status: 'completed' });

    assert.deepEqual(errorOf(answer), [404, 20_404]);
  });

  test('replaces what a call does: the stream ends at once, what was not heard is lost, no action is asked', async () => {
    await start({ synthesiser: { speak: async () => ({ audio: new Uint8Array(320).fill(7) }) } });
    const { phone, stream, callSid } = await talking();
    const payload = Buffer.alloc(16_000, 1).toString('base64');
    stream.send('media', { media: { payload } });
    stream.send('mark', { mark: { name: 'unheard' } });

    const updated = await rest(`/Calls/${callSid}.json`, { Twiml: twiml('<Say>One moment.</Say>') });
    await stream.next(({ event }) => event === 'stop');
    const { ledger } = await phone.ended();

    assert.equal(updated.status, 200);
    assert.deepEqual(ledger.said, ['One moment.']);
    assert.equal(
      stream.messages.some(({ event }) => event === 'mark'),
      false,
    );
    assert.equal(app.paths().includes('/after'), false);
    assert.ok((ledger.streams[0]?.droppedMs ?? 0) > 1_000);
  });

  test('may ask the action after an update as well, since nobody knows', async () => {
    await start({ actionAfterUpdate: true });
    const { phone, callSid } = await talking();

    await rest(`/Calls/${callSid}.json`, { Url: `${app.url}/answered` });
    await phone.ended();

    assert.ok(app.paths().includes('/after'));
    assert.ok(app.paths().includes('/answered'));
  });

  test('refuses changes that make no sense', async () => {
    await start();
    const { callSid } = await talking();
    const change = async (form: Record<string, string>) =>
      errorOf(await rest(`/Calls/${callSid}.json`, form));

    assert.deepEqual(await change({ Twiml: '<Response/>', Url: app.url }), [400, 20_001]);
    assert.deepEqual(await change({ Twiml: 'x'.repeat(4_001) }), [400, 32_018]);
    assert.deepEqual(await change({ Url: 'call me' }), [400, 21_205]);
    assert.deepEqual(await change({ Status: 'paused' }), [400, 20_001]);
  });

  test('serves our own adapter: redirect, hang up, hang up again', async () => {
    await start();
    const { phone, callSid } = await talking();
    const telephony = createTwilioTelephony({ accountSid, authToken, baseUrl: twilio.url });
    const { signal } = new AbortController();
    const sid = callSidSchema.parse(callSid);

    await telephony.redirect(sid, twiml('<Pause length="20"/>'), { signal });
    await telephony.hangUp(sid, { signal });
    await phone.ended();
    await telephony.hangUp(sid, { signal });

    await assert.rejects(telephony.redirect(sid, twiml('<Hangup/>'), { signal }), { code: '21220' });
  });

  test('fails and dawdles on demand, before it does anything', async () => {
    await start();
    twilio.faults.failNextRest(1, { status: 429, code: 20_429 });

    const refused = await rest('/Calls.json', { To: theirs, From: ours, Url: `${app.url}/answered` });

    assert.deepEqual(errorOf(refused), [429, 20_429]);
    assert.deepEqual(twilio.ledger(), []);
  });
});

describe('a call that is placed', () => {
  const place = (form: Record<string, string> = {}) =>
    rest('/Calls.json', { To: theirs, From: ours, Url: `${app.url}/answered`, ...form });

  test('is queued first; whoever answers hears the document, and every event asked for is told', async () => {
    await start();
    const phone = await pickUpPhone(twilio.phoneUrl);
    phone.send({ type: 'register', number: theirs });
    await phone.next('registered');

    const { status, body } = await rest('/Calls.json', [
      ['To', theirs],
      ['From', ours],
      ['Url', `${app.url}/answered`],
      ['StatusCallback', `${app.url}/status`],
      ...['initiated', 'ringing', 'answered', 'completed'].map((event): [string, string] => [
        'StatusCallbackEvent',
        event,
      ]),
    ]);
    await phone.next('incoming');
    phone.send({ type: 'answer' });
    await phone.ended();

    assert.deepEqual([status, body['status'], body['direction']], [201, 'queued', 'outbound-api']);
    const answered = app.asked.find(({ path }) => path === '/answered');
    assert.deepEqual(
      [
        answered?.params['CallStatus'],
        answered?.params['Direction'],
        answered?.params['To'],
        answered?.signed,
      ],
      ['in-progress', 'outbound-api', theirs, true],
    );
    const told = app.asked.filter(({ path }) => path === '/status').map(({ params }) => params);
    assert.deepEqual(
      told.map((params) => [params['SequenceNumber'], params['CallStatus']]),
      [
        ['0', 'initiated'],
        ['1', 'ringing'],
        ['2', 'in-progress'],
        ['3', 'completed'],
      ],
    );
  });

  test('tells only the end unless asked for more, possibly late and twice', async () => {
    await start({
      callbackCopies: 2,
      callbackOrder: 'swapped',
      otherCallees: { does: 'answer', afterMs: 0 },
    });
    await place({ StatusCallback: `${app.url}/status` });
    await twilio.close();
    const onlyEnd = app.asked
      .filter(({ path }) => path === '/status')
      .map(({ params }) => params['CallStatus']);
    await app.close();

    await start({ callbackOrder: 'swapped', otherCallees: { does: 'decline', afterMs: 0 } });
    await rest('/Calls.json', [
      ['To', theirs],
      ['From', ours],
      ['Url', `${app.url}/answered`],
      ['StatusCallback', `${app.url}/status`],
      ['StatusCallbackEvent', 'initiated'],
      ['StatusCallbackEvent', 'ringing'],
      ['StatusCallbackEvent', 'completed'],
    ]);
    await twilio.close();

    assert.ok(onlyEnd.length === 2 && onlyEnd[0] === onlyEnd[1]);
    assert.deepEqual(app.asked.map(({ params }) => params['SequenceNumber']).slice(0, 2), ['1', '0']);
  });

  for (const [behaviour, status, sip] of [
    [{ does: 'decline', afterMs: 0 }, 'busy', '486'],
    [{ does: 'fail' }, 'failed', '404'],
  ] as const)
    test(`is ${status} when the other side would ${behaviour.does}, and costs nothing`, async () => {
      await start({ callees: { [theirs]: behaviour } });
      const told = new Promise<Readonly<Record<string, string>>>((resolve) =>
        app.on('/status', ({ params }) => {
          resolve(params);
          return { status: 204 };
        }),
      );

      await place({ StatusCallback: `${app.url}/status` });
      const params = await told;

      assert.deepEqual(
        [params['CallStatus'], params['SipResponseCode'], params['CallDuration']],
        [status, sip, '0'],
      );
      assert.equal(twilio.ledger()[0]?.billedMinutes, 0);
    });

  test('can be cancelled while it rings', async () => {
    await start({ callees: { [theirs]: { does: 'let-ring' } } });
    const { body } = await place();

    const canceled = await rest(`/Calls/${body['sid']}.json`, { Status: 'canceled' });

    assert.deepEqual([canceled.status, canceled.body['status']], [200, 'canceled']);
    assert.equal(app.paths().includes('/answered'), false);
  });

  test('tells beside the conversation who has answered', async () => {
    await start({
      callees: { [theirs]: { does: 'answer', afterMs: 0, as: 'machine_start', talksMs: 5_000 } },
    });
    app.on('/answered', twiml('<Pause length="10"/>'));
    const told = new Promise<Readonly<Record<string, string>>>((resolve) =>
      app.on('/amd', ({ params }) => {
        resolve(params);
        return { status: 204 };
      }),
    );

    await place({ MachineDetection: 'Enable', AsyncAmd: 'true', AsyncAmdStatusCallback: `${app.url}/amd` });

    assert.equal((await told)['AnsweredBy'], 'machine_start');
  });

  test('waits for its turn: calls begin at the account’s rate, none is refused', async () => {
    await start({ callsPerSecond: 5, otherCallees: { does: 'decline', afterMs: 0 } });
    const begun: number[] = [];
    app.on('/status', () => {
      begun.push(performance.now());
      return { status: 204 };
    });
    const placed = await Promise.all(
      [0, 1, 2].map(() => place({ StatusCallback: `${app.url}/status`, StatusCallbackEvent: 'initiated' })),
    );
    const { body } = await rest(`/Calls/${placed[2]?.body['sid']}.json`);

    assert.deepEqual(
      placed.map(({ status }) => status),
      [201, 201, 201],
    );
    assert.equal(body['status'], 'queued');
  });

  for (const [what, form, code] of [
    ['no To', { To: '' }, 21_201],
    ['no From', { From: '' }, 21_213],
    ['a To that is no number', { To: '5550100' }, 21_211],
    ['Twilio’s own wrong number', { To: '+15005550001' }, 21_211],
    ['a country that is not allowed', { To: '+15005550003' }, 21_215],
    ['a From that is not the account’s', { From: '+12025550177' }, 21_210],
    ['an address that is none', { Url: 'call me' }, 21_205],
    ['a long inline document', { Url: '', Twiml: 'x'.repeat(4_001) }, 32_018],
    ['an event that does not exist', { StatusCallbackEvent: 'initiated ringing' }, 21_626],
    ['a ring time out of bounds', { Timeout: '601' }, 20_001],
    ['asynchronous detection of nothing', { AsyncAmd: 'true' }, 20_001],
    ['a detection that does not exist', { MachineDetection: 'true' }, 20_001],
  ] as const)
    test(`with ${what} is refused with ${code}`, async () => {
      await start({ numbers: [{ number: ours }] });
      const all: Record<string, string> = { To: theirs, From: ours, Url: `${app.url}/answered`, ...form };
      const given = Object.entries(all).filter(([name, value]) => !(name === 'Url' && value === ''));

      const answer = await rest('/Calls.json', given);

      assert.deepEqual(errorOf(answer), [400, code]);
      assert.deepEqual(twilio.ledger(), []);
    });
});
