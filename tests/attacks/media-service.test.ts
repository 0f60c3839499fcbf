/**
 * What an attacker tries on the media service as a container runs it: its own process, the real database, and an
 * address in place of every vendor that only counts who comes. Nobody ever does. (Tools are away: their list is asked
 * for at the start of the process, whoever calls.)
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { createStreamTokens } from '#adapters/crypto/stream-tokens.ts';
import { visitorDigest } from '#adapters/crypto/visitor-digest.ts';
import { createDynamoDocuments } from '#adapters/dynamodb/client.ts';
import { createDynamoOneTimeTokens } from '#adapters/dynamodb/one-time-tokens.ts';
import { signWebhook } from '#adapters/twilio/request-signature.ts';
import { limits } from '#core/limits.ts';
import { developmentAwsCredentials } from '#local/development-values.ts';
import { newCallSid } from '#tests/support/calls.ts';
import { type CountingVendors, startCountingVendors } from '#tests/support/counting-vendors.ts';
import { startTestDatabase, type TestDatabase, tableNames } from '#tests/support/embedded-database.ts';
import { type MediaTask, startMediaTask } from '#tests/support/media-task.ts';
import { eventually } from '#tests/support/running-stack.ts';
import { startSlowClient } from '#tests/support/slow-client.ts';
import { startMessage, streamClaims } from '#tests/support/stream-start.ts';

const publicOrigin = 'wss://media.example.org';
const streamPath = '/call/stream';
const webPath = '/web-call/stream';
const authToken = randomBytes(16).toString('hex');
const streamSecret = randomBytes(24).toString('base64url');
const tokens = createStreamTokens({ secrets: [streamSecret] });
const tokensElsewhere = createStreamTokens({ secrets: [randomBytes(24).toString('base64url')] });

let database: TestDatabase;
let vendors: CountingVendors;
let task: MediaTask;

before(async () => {
  database = await startTestDatabase();
  vendors = await startCountingVendors();
  task = await startMediaTask({
    STAGE: 'dev',
    MEDIA_BASE_URL: publicOrigin,
    TWILIO_AUTH_TOKEN: authToken,
    STREAM_TOKEN_SECRET: streamSecret,
    ANTHROPIC_API_KEY: 'sk-ant-attack',
    ANTHROPIC_BASE_URL: vendors.url,
    ELEVENLABS_API_KEY: 'sk_attack',
    ELEVENLABS_BASE_URL: vendors.url,
    AWS_ENDPOINT_URL_DYNAMODB: database.url,
    ...developmentAwsCredentials,
    CALLS_TABLE: tableNames.calls,
    COSTS_TABLE: tableNames.costs,
    LIMITS_TABLE: tableNames.limits,
    CALLS_PER_PROCESS_MAX: '20',
  });
});
after(async () => {
  task?.kill();
  await Promise.all([database?.close(), vendors?.close()]);
});

const linesOf = (msg: string) => task.lines().filter((line) => line['msg'] === msg);

async function activeCalls(): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${task.port}/health`, { headers: { connection: 'close' } });
  assert.equal(answer.status, 200);
  return ((await answer.json()) as { activeCalls: number }).activeCalls;
}

/** After every attack: it still answers, nobody has a place, no call began, no vendor heard of it. */
async function nothingHappened(): Promise<void> {
  await eventually(async () => ((await activeCalls()) === 0 ? true : undefined), 5_000);
  assert.equal(vendors.sockets(), 0);
  assert.deepEqual(linesOf('call.started'), []);
}

/** Lines come through a pipe, a moment after the answer. */
const refusals = (count: number) =>
  eventually(() => {
    const lines = linesOf('access.refused');
    return lines.length >= count ? lines : undefined;
  }, 5_000);

const sign = (path: string, { origin = publicOrigin, token = authToken } = {}) =>
  signWebhook(token, `${origin}${path}`, {});
const signed = () => ({ 'x-twilio-signature': sign(streamPath) });

/** @returns the status of a handshake with these headers; 101 when it is accepted. */
function upgrade(path: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const handshake = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    'sec-websocket-version': '13',
  };
  const sent = request({
    port: task.port,
    host: '127.0.0.1',
    path,
    headers: { ...handshake, ...headers },
    agent: false,
  });
  sent.end();
  return new Promise((resolve, reject) => {
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve(101);
    });
    sent.on('error', reject);
  });
}

async function open(path = streamPath, protocols: string[] = []): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${task.port}${path}`, protocols, {
    ...(path === streamPath ? { headers: signed() } : {}),
    perMessageDeflate: false,
  });
  socket.on('error', () => undefined);
  await once(socket, 'open');
  return socket;
}

async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}

describe('A flood of upgrades', { concurrency: false }, () => {
  afterEach(nothingHappened);

  const floods: readonly (readonly [string, string, () => Record<string, string>])[] = [
    ['without a signature', streamPath, () => ({})],
    [
      'signed by another account',
      streamPath,
      () => ({ 'x-twilio-signature': sign(streamPath, { token: 'other' }) }),
    ],
    [
      'signed for another stage',
      streamPath,
      () => ({ 'x-twilio-signature': sign(streamPath, { origin: 'wss://media.dev.example.org' }) }),
    ],
    ['signed for the other path', streamPath, () => ({ 'x-twilio-signature': sign(webPath) })],
    ['of browsers without a token', webPath, () => ({})],
    [
      'of browsers with tokens of another stage',
      webPath,
      () => ({
        'sec-websocket-protocol': `voice-center, ${tokensElsewhere.issue(streamClaims({ direction: 'web' }))}`,
      }),
    ],
    [
      'of browsers with the tokens of phones',
      webPath,
      () => ({ 'sec-websocket-protocol': `voice-center, ${tokens.issue(streamClaims())}` }),
    ],
    [
      'of browsers with tokens that are over',
      webPath,
      () => ({
        'sec-websocket-protocol': `voice-center, ${tokens.issue(streamClaims({ direction: 'web', expiresAt: 1_000_000_000 }))}`,
      }),
    ],
  ];
  for (const [what, path, headers] of floods)
    test(`${what} is answered 403 each, two hundred at once`, async () => {
      const before = linesOf('access.refused').length;
      const answers = await Promise.all(Array.from({ length: 200 }, () => upgrade(path, headers())));

      assert.deepEqual([...new Set(answers)], [403]);
      assert.equal(await activeCalls(), 0);
      assert.equal((await refusals(before + 200)).length, before + 200);
    });

  test('that are signed takes the places there are, gets 503 for the rest, and gives them back', async () => {
    const sockets = Array.from({ length: 60 }, () => {
      const socket = new WebSocket(`ws://127.0.0.1:${task.port}${streamPath}`, { headers: signed() });
      const answered = new Promise<number>((resolve) => {
        socket.on('open', () => resolve(101));
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
        socket.on('error', () => undefined);
      });
      return { socket, answered };
    });

    const answers = await Promise.all(sockets.map(({ answered }) => answered));
    for (const { socket } of sockets) socket.terminate();

    assert.equal(answers.filter((status) => status === 101).length, 20);
    assert.equal(answers.filter((status) => status === 503).length, 40);
  });
});

describe('A stream', { concurrency: false }, () => {
  afterEach(nothingHappened);

  const refused: readonly (readonly [string, string, () => string | Promise<string>])[] = [
    ['without a token', 'malformed', () => startMessage(newCallSid(), {})],
    ['with garbage for a token', 'bad-signature', () => startMessage(newCallSid(), { token: 'v1.x.y' })],
    [
      'with a token of another stage',
      'bad-signature',
      () => {
        const good = streamClaims();
        return startMessage(good.callSid, { token: tokensElsewhere.issue(good) });
      },
    ],
    [
      'with the token of another call',
      'other-call',
      () => startMessage(newCallSid(), { token: tokens.issue(streamClaims()) }),
    ],
    [
      'with a token whose claims were changed',
      'bad-signature',
      () => {
        const good = streamClaims();
        const [version, body = '', mac] = tokens.issue(good).split('.');
        const changed = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
        const forged = Buffer.from(JSON.stringify({ ...changed, role: 'judge' })).toString('base64url');
        return startMessage(good.callSid, { token: [version, forged, mac].join('.') });
      },
    ],
    [
      'with a token that is over',
      'expired',
      () => {
        const good = streamClaims({ expiresAt: Math.floor(Date.now() / 1000) - 1 });
        return startMessage(good.callSid, { token: tokens.issue(good) });
      },
    ],
    [
      'with the token of a browser',
      'other-channel',
      () => {
        const good = streamClaims({ direction: 'web', visitor: visitorDigest('visitor-0123456789') });
        return startMessage(good.callSid, { token: tokens.issue(good), visitorId: 'visitor-0123456789' });
      },
    ],
    ['with a token that was used in another process', 'used', usedElsewhere],
  ];

  async function usedElsewhere(): Promise<string> {
    const good = streamClaims();
    const documents = createDynamoDocuments({ region: 'us-east-1', endpoint: database.url });
    const memory = createDynamoOneTimeTokens(documents, tableNames.limits);
    assert.equal(await memory.redeem(good.nonce, new Date(good.expiresAt * 1000)), true);
    documents.destroy();
    return startMessage(good.callSid, { token: tokens.issue(good) });
  }

  for (const [what, reason, message] of refused)
    test(`${what} is closed with 1008 and its reason is logged`, async () => {
      const before = linesOf('access.refused').length;
      const socket = await open();
      socket.send(await message());

      assert.equal(await closeCode(socket), 1008);
      assert.equal((await refusals(before + 1)).at(-1)?.['reason'], reason);
    });

  test('of a browser with the token of another visitor is closed with 1008', async () => {
    const good = streamClaims({ direction: 'web', visitor: visitorDigest('visitor-0123456789') });
    const token = tokens.issue(good);
    const before = linesOf('access.refused').length;
    const socket = await open(webPath, ['voice-center', token]);
    socket.send(startMessage(good.callSid, { token, visitorId: 'visitor-9876543210' }));

    assert.equal(await closeCode(socket), 1008);
    assert.equal((await refusals(before + 1)).at(-1)?.['reason'], 'other-visitor');
  });
});

describe('A peer that sends too much', { concurrency: false }, () => {
  afterEach(nothingHappened);

  test('of headers is refused with 431', async () => {
    const opening = `GET ${streamPath} HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(9_000)}\r\n\r\n`;

    assert.equal(await startSlowClient(task.port, opening).cut, 431);
  });

  const tooMuch = limits.streamMessageBytesMax + 1;
  const rows: readonly (readonly [string, number, (socket: WebSocket) => void])[] = [
    ['in one message', 1009, (socket) => socket.send('x'.repeat(tooMuch))],
    [
      'in the fragments of a message together',
      1009,
      (socket) => {
        for (let i = 0; i < 5; i += 1) socket.send('x'.repeat(tooMuch / 4), { fin: false });
      },
    ],
    ['in binary', 1003, (socket) => socket.send(Buffer.alloc(100))],
    [
      'of nothing that can be used',
      1008,
      (socket) => {
        for (let i = 0; i < 60; i += 1) socket.send('{"event":"media"}');
      },
    ],
    [
      'of audio before its start',
      1008,
      (socket) => {
        const media = { payload: 'AAAA', track: 'inbound', chunk: '1', timestamp: '0' };
        for (let i = 0; i < 60; i += 1)
          socket.send(JSON.stringify({ event: 'media', sequenceNumber: '1', streamSid: 'MZ1', media }));
      },
    ],
  ];
  for (const [what, code, send] of rows)
    test(`${what} is closed with ${code}`, async () => {
      const socket = await open();
      send(socket);

      assert.equal(await closeCode(socket), code);
    });

  for (const [what, frame] of [
    ['announces a gigabyte', Buffer.from('81ff0000000040000000', 'hex')],
    ['does not mask its frames', Buffer.from('8102' + '6869', 'hex')],
    ['uses bits that are reserved', Buffer.from('f182000000006869', 'hex')],
  ] as const)
    test(`or breaks the protocol, as one that ${what}, is cut`, async () => {
      const socket = connect(task.port, '127.0.0.1');
      const key = randomBytes(16).toString('base64');
      socket.write(
        `GET ${streamPath} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nX-Twilio-Signature: ${sign(streamPath)}\r\n\r\n`,
      );
      const [answer] = (await once(socket, 'data')) as [Buffer];
      assert.match(answer.toString('latin1'), /^HTTP\/1\.1 101/);
      socket.on('error', () => undefined);
      socket.resume();
      const ended = once(socket, 'end');
      socket.write(frame);
      await ended;
      socket.destroy();
    });
});

describe('A caller', () => {
  test('with a good token is not refused: then the vendors are asked', async () => {
    const good = streamClaims();
    const socket = await open();
    socket.send(startMessage(good.callSid, { token: tokens.issue(good) }));

    await eventually(() => (vendors.sockets() > 0 ? true : undefined), 5_000);
    assert.equal(await activeCalls(), 1);
    socket.terminate();
  });
});
