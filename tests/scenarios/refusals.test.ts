/**
 * What the media service refuses, over real sockets, and that no vendor is contacted for it. What an attacker tries on
 * its process is in `tests/attacks/media-service.test.ts`.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { createStreamTokens } from '#adapters/crypto/stream-tokens.ts';
import { visitorDigest } from '#adapters/crypto/visitor-digest.ts';
import { systemClock } from '#adapters/system-clock/clock.ts';
import { createTwilioMediaStream, type MediaStreamLimits } from '#adapters/twilio/media-stream.ts';
import { isSignedUpgrade, signWebhook } from '#adapters/twilio/request-signature.ts';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import { defaultConversationSettings } from '#core/conversation/settings.ts';
import { defaultSpeechActivity } from '#core/conversation/speech-activity.ts';
import { defaultPrices } from '#core/costs/prices.ts';
import { createPromptEstimates } from '#core/costs/prompt-estimates.ts';
import type { CallSid } from '#core/ids.ts';
import { limits } from '#core/limits.ts';
import type { CallDependencies } from '#media-service/call-dependencies.ts';
import { createCallRegistry } from '#media-service/call-registry.ts';
import { createMediaServer, streamPath, webStreamPath } from '#media-service/server.ts';
import { createStreamAccess, isWebToken } from '#media-service/stream-access.ts';
import { createStreamHandler } from '#media-service/stream-handler.ts';
import { testBudgetGuard } from '#tests/support/budgets.ts';
import { newCallSid } from '#tests/support/calls.ts';
import { createInMemoryCallStore } from '#tests/support/in-memory-call-store.ts';
import { createInMemoryOneTimeTokens } from '#tests/support/in-memory-one-time-tokens.ts';
import {
  createRecordingTelemetry,
  createScriptedModel,
  createScriptedRecogniser,
  createScriptedSpeech,
  createScriptedTools,
} from '#tests/support/scripted-ports.ts';
import { startMessage, streamClaims } from '#tests/support/stream-start.ts';

const authToken = 'an auth token';
const publicOrigin = 'wss://media.example.org';
const tokens = createStreamTokens({ secrets: ['a stream secret'] });
const clock = systemClock;

function dependencies(store: CallDependencies['store']) {
  const speech = createScriptedSpeech(clock);
  const recogniser = createScriptedRecogniser(clock);
  const model = createScriptedModel(clock, () => ({ text: 'Hello.' }));
  const telemetry = createRecordingTelemetry();
  const deps: CallDependencies = {
    clock,
    telemetry,
    store,
    speechToText: recogniser,
    textToSpeech: speech,
    languageModel: model,
    tools: createScriptedTools(clock, {}),
    recordedPhrases: { find: () => undefined },
    openVoiceActivity: () => ({ process: () => false, close: () => undefined }),
    prices: defaultPrices,
    promptEstimates: createPromptEstimates(),
    budgets: testBudgetGuard(clock, telemetry),
    settings: {
      conversation: defaultConversationSettings,
      speechActivity: defaultSpeechActivity,
      model: 'claude-haiku-5-5',
      fallbackModel: 'claude-haiku-4-5',
      speechModel: 'eleven_flash_v2_5',
      languageCode: 'en',
      callMaxMs: 60_000,
      playbackLeadMs: limits.playbackLeadMs,
      historyMessagesMax: 60,
      retentionDays: 365,
      computeShare: 0.01,
      transferTo: undefined,
    },
  };
  const vendorsOpened = () => recogniser.opened + speech.spoken.length + model.requests.length;
  return { deps, telemetry, vendorsOpened };
}

let close: () => Promise<void> = async () => undefined;
afterEach(() => close());

async function startService(
  options: { callsMax?: number; webCallsMax?: number; limits?: Partial<MediaStreamLimits> } = {},
) {
  const store = createInMemoryCallStore({ now: () => clock.now() });
  const { deps, telemetry, vendorsOpened } = dependencies(store);
  const registry = createCallRegistry({ callsMax: options.callsMax ?? 5 });
  const problems: string[] = [];
  const server = createMediaServer({
    registry,
    telemetry,
    version: 'test',
    isWebToken: (token) => isWebToken(tokens, token, clock.now()),
    webCallsMax: options.webCallsMax ?? 2,
    isSignedUpgrade: (signature, path) =>
      isSignedUpgrade({ authTokens: [authToken], signature, url: `${publicOrigin}${path}` }),
    onStream: createStreamHandler({
      deps,
      registry,
      telemetry,
      checkAccess: createStreamAccess({
        tokens,
        oneTimeTokens: createInMemoryOneTimeTokens(),
        clock,
        visitorDigest,
        onFailure: () => undefined,
      }),
      openStream: (socket, listener) =>
        createTwilioMediaStream({
          socket,
          listener,
          clock,
          limits: options.limits ?? {},
          onFrameError: (problem) => void problems.push(problem),
        }),
    }),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  close = async () => {
    for (const call of registry.calls()) call.onStreamEnd();
    server.closeAllConnections();
    await Promise.all([registry.emptied(), new Promise((resolve) => server.close(resolve))]);
  };
  return { port, registry, store, telemetry, vendorsOpened, problems };
}

const signature = (path: string = streamPath) => signWebhook(authToken, `${publicOrigin}${path}`, {});

function connect(port: number): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${streamPath}`, {
    headers: { 'x-twilio-signature': signature() },
  });
  socket.on('error', () => undefined);
  return socket;
}

async function open(port: number): Promise<WebSocket> {
  const socket = connect(port);
  await once(socket, 'open');
  return socket;
}

async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = await once(socket, 'close');
  return code as number;
}

const handshake = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-key': randomBytes(16).toString('base64'),
  'sec-websocket-version': '13',
};

/** @returns the status of an upgrade that is answered in HTTP; 101 for one that is accepted. */
async function upgradeStatus(port: number, path: string, headers: Record<string, string>): Promise<number> {
  const sent = request({ port, host: '127.0.0.1', path, headers });
  sent.end();
  const status = await new Promise<number>((resolve, reject) => {
    sent.on('response', ({ statusCode }) => resolve(statusCode ?? 0));
    sent.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve(101);
    });
    sent.on('error', reject);
  });
  sent.destroy();
  return status;
}

const startOf = (token: string, callSid: CallSid, visitorId?: string) =>
  startMessage(callSid, { token, ...(visitorId === undefined ? {} : { visitorId }) });

describe('an upgrade', () => {
  const signed = { ...handshake, 'x-twilio-signature': signature() };
  const rows = [
    ['of another path', 404, '/call/other', signed],
    ['of the right path with a query', 404, `${streamPath}?token=x`, signed],
    ['that asks for something else than a WebSocket', 400, streamPath, { ...signed, upgrade: 'h2c' }],
    ['with a bad key', 400, streamPath, { ...signed, 'sec-websocket-key': 'short' }],
  ] as const;
  for (const [what, status, path, headers] of rows)
    test(`${what} is answered ${status} and takes no place`, async () => {
      const { port, registry, vendorsOpened } = await startService();

      assert.equal(await upgradeStatus(port, path, headers), status);
      assert.equal(registry.active, 0);
      assert.equal(vendorsOpened(), 0);
    });

  test('beyond capacity is answered 503 until a place is free again', async () => {
    const { port, registry } = await startService({ callsMax: 1 });
    const first = await open(port);

    assert.equal(await upgradeStatus(port, streamPath, signed), 503);
    first.close();
    await registry.emptied();
    assert.equal(await upgradeStatus(port, streamPath, signed), 101);
  });

  test('to a process that is stopping is answered 503, and so is its readiness', async () => {
    const { port, registry } = await startService();
    registry.stopAdmitting();

    assert.equal(await upgradeStatus(port, streamPath, signed), 503);
    assert.equal((await fetch(`http://127.0.0.1:${port}/ready`)).status, 503);
    assert.equal((await fetch(`http://127.0.0.1:${port}/health`)).status, 200);
  });
});

describe('a stream whose token was used before', () => {
  test('is closed with 1008, and the first call goes on', async () => {
    const { port, registry } = await startService();
    const good = streamClaims();
    const token = tokens.issue(good);
    const first = await open(port);
    first.send(startOf(token, good.callSid));
    await once(first, 'message');
    const second = await open(port);
    second.send(startOf(token, good.callSid));

    assert.equal(await closeCode(second), 1008);
    assert.equal(first.readyState, WebSocket.OPEN);
    assert.equal(registry.calls().length, 1);
  });
});

describe('a browser', () => {
  const visitorId = 'visitor-0123456789';
  const webClaims = (fields: Partial<StreamClaims> = {}) =>
    streamClaims({ direction: 'web', visitor: visitorDigest(visitorId), maxSecs: 300, ...fields });
  const offering = (...protocols: string[]) => ({
    ...handshake,
    'sec-websocket-protocol': protocols.join(', '),
  });
  const upgradeWith = (token: string) => offering('voice-center', token);

  const refusals: readonly (readonly [string, () => Record<string, string>])[] = [
    ['with the protocol alone', () => offering('voice-center')],
    ['with garbage for a token', () => upgradeWith('v1.x.y')],
    ['with a token of another protocol', () => offering('other', tokens.issue(webClaims()))],
    ['with two tokens', () => offering('voice-center', tokens.issue(webClaims()), 'more')],
    ['with the signature of a phone only', () => ({ ...handshake, 'x-twilio-signature': signature() })],
  ];
  for (const [what, headers] of refusals)
    test(`${what} is answered 403 and takes no place`, async () => {
      const { port, registry, vendorsOpened } = await startService();

      assert.equal(await upgradeStatus(port, webStreamPath, headers()), 403);
      assert.equal(registry.active, 0);
      assert.equal(vendorsOpened(), 0);
    });

  const openWeb = async (port: number, token: string) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${webStreamPath}`, ['voice-center', token]);
    socket.on('error', () => undefined);
    await once(socket, 'open');
    return socket;
  };

  test('with its token talks in the wire format of a phone', async () => {
    const { port, registry } = await startService();
    const good = webClaims();
    const token = tokens.issue(good);
    const socket = await openWeb(port, token);
    socket.send(startOf(token, good.callSid, visitorId));
    const [message] = (await once(socket, 'message')) as [Buffer];

    assert.equal(socket.protocol, 'voice-center');
    assert.equal((JSON.parse(message.toString()) as { event: string }).event, 'media');
    assert.equal(registry.calls().length, 1);
  });

  for (const [what, start] of [
    ['of a visitor who does not say who it is', (token: string, sid: CallSid) => startOf(token, sid)],
    ['for another call', (token: string) => startOf(token, newCallSid(), visitorId)],
  ] as const)
    test(`with the token ${what} is closed with 1008 before any vendor is contacted`, async () => {
      const { port, vendorsOpened } = await startService();
      const good = webClaims();
      const token = tokens.issue(good);
      const socket = await openWeb(port, token);
      socket.send(start(token, good.callSid));

      assert.equal(await closeCode(socket), 1008);
      assert.equal(vendorsOpened(), 0);
    });

  test('uses its token once', async () => {
    const { port, registry } = await startService();
    const good = webClaims();
    const token = tokens.issue(good);
    const first = await openWeb(port, token);
    first.send(startOf(token, good.callSid, visitorId));
    await once(first, 'message');
    const second = await openWeb(port, token);
    second.send(startOf(token, good.callSid, visitorId));

    assert.equal(await closeCode(second), 1008);
    assert.equal(registry.calls().length, 1);
  });

  test('cannot hand its token to a phone’s stream', async () => {
    const { port, vendorsOpened } = await startService();
    const good = webClaims();
    const socket = await open(port);
    socket.send(startOf(tokens.issue(good), good.callSid, visitorId));

    assert.equal(await closeCode(socket), 1008);
    assert.equal(vendorsOpened(), 0);
  });

  test('and its like take only their share of the places', async () => {
    const { port } = await startService({ callsMax: 5, webCallsMax: 1 });
    const socket = await openWeb(port, tokens.issue(webClaims()));

    assert.equal(await upgradeStatus(port, webStreamPath, upgradeWith(tokens.issue(webClaims()))), 503);
    const phone = await open(port);
    assert.equal(phone.readyState, WebSocket.OPEN);
    socket.terminate();
    phone.terminate();
  });
});

describe('a peer that does not keep to the protocol', () => {
  test('and never says start is closed, and its place is given back', async () => {
    const { port, registry, vendorsOpened } = await startService({ limits: { startTimeoutMs: 30 } });
    const socket = await open(port);

    assert.equal(await closeCode(socket), 1008);
    await registry.emptied();
    assert.equal(vendorsOpened(), 0);
  });

  test('and sends malformed messages has each counted and is closed with 1008 in the end', async () => {
    const { port, problems } = await startService({ limits: { unusableInARowMax: 3 } });
    const socket = await open(port);
    for (const message of ['{', 'null', '{"event":7}']) socket.send(message);

    assert.equal(await closeCode(socket), 1008);
    assert.equal(problems.length, 4);
    assert.equal(problems.at(-1), 'too-many-unusable-messages');
  });

  test('and falls silent in a call is lost, and the call’s record is closed', async () => {
    const { port, registry, store } = await startService({
      limits: { idleTimeoutMs: 200, closeTimeoutMs: 30 },
    });
    const good = streamClaims();
    const socket = await open(port);
    socket.send(startOf(tokens.issue(good), good.callSid));
    socket.pause();
    await registry.emptied();

    const record = await store.find(good.callSid);
    assert.equal(record?.outcome, 'completed');
    assert.ok(record?.costSummary);
    socket.terminate();
  });

  test('and floods the service with garbage leaves it answering others', async () => {
    const { port, registry } = await startService();
    const sockets = await Promise.all(Array.from({ length: 5 }, () => open(port)));
    const closed = sockets.map(closeCode);
    for (let i = 0; i < 2_000; i += 1)
      for (const socket of sockets) socket.send(`{"event":"${'x'.repeat(200)}`);
    const health = await fetch(`http://127.0.0.1:${port}/health`);

    assert.equal(health.status, 200);
    assert.ok((await Promise.all(closed)).every((code) => code === 1008 || code === 1006));
    await registry.emptied();
    assert.equal(registry.active, 0);
  });
});
