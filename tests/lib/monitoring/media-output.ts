/** Everything a media service can come to write, made by its own code. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { createStreamTokens } from '#adapters/crypto/stream-tokens.ts';
import { visitorDigest } from '#adapters/crypto/visitor-digest.ts';
import { createMcpTools } from '#adapters/mcp/tools.ts';
import { safetyToolName } from '#core/conversation/call-tools.ts';
import { defaultConversationSettings } from '#core/conversation/settings.ts';
import type { BudgetAccount } from '#core/costs/budgets.ts';
import { ProviderError } from '#core/errors.ts';
import type { MediaStreamListener } from '#core/ports/media-stream.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import type { CallDependencies } from '#media-service/call-dependencies.ts';
import { createCallRegistry } from '#media-service/call-registry.ts';
import { drain } from '#media-service/drain.ts';
import { createFailureReport } from '#media-service/failure-report.ts';
import { createFrameCount } from '#media-service/frame-count.ts';
import { createMediaServer, streamPath, webProtocol, webStreamPath } from '#media-service/server.ts';
import { createStreamAccess } from '#media-service/stream-access.ts';
import { createStreamHandler } from '#media-service/stream-handler.ts';
import { watchVitals } from '#media-service/vitals.ts';
import { testBudgetGuard } from '#tests/support/budgets.ts';
import { createInMemoryOneTimeTokens } from '#tests/support/in-memory-one-time-tokens.ts';
import { storeAway } from '#tests/support/store-away.ts';
import { callSid, startVirtualCall, type VirtualCallOptions } from '#tests/support/virtual-call.ts';
import { createVirtualClock } from '#tests/support/virtual-clock.ts';
import { createProcessOutput, type ProcessOutput } from './process-output.ts';

export async function mediaOutput(stage: string): Promise<ProcessOutput> {
  const output = createProcessOutput('media', stage);
  const { telemetry } = output;
  await ordinaryCalls(telemetry);
  await troubledCalls(telemetry);
  await doorway(telemetry);
  await processLife(telemetry);
  await toolServerAway(telemetry);
  return output;
}

/** A virtual call whose lines and metrics are written too. */
function startWritten(telemetry: Telemetry, options: VirtualCallOptions = {}) {
  return startVirtualCall({
    ...options,
    observe: ({ deps, stream }) => ({ deps: { ...deps, telemetry }, stream }),
  });
}

async function talk(telemetry: Telemetry, words: string, options: VirtualCallOptions = {}) {
  const call = startWritten(telemetry, options);
  await call.hearReply();
  await call.says(words);
  await call.hearReply();
  return call;
}

async function ordinaryCalls(telemetry: Telemetry): Promise<void> {
  const call = await talk(telemetry, 'when is my hearing?', {
    tools: { next_hearing: { content: 'Tuesday at nine' } },
    model: (_request, nth) =>
      nth === 0
        ? { text: 'Let me look.', tools: [{ name: 'next_hearing' }] }
        : { text: 'It is on Tuesday at nine in the big building behind the station, second floor.' },
  });
  await call.says('and what should I bring?');
  await call.clock.advanceUntil(() => call.phone.isPlaying());
  await call.clock.advance(800);
  await call.says('wait a moment please');
  await call.hearReply();
  await call.hangUp();
}

async function troubledCalls(telemetry: Telemetry): Promise<void> {
  const refused = new ProviderError('Refused', { provider: 'anthropic', failure: 'refused', code: '401' });
  const modelDead = await talk(telemetry, 'can you help me?', { model: () => ({ fails: refused }) });
  modelDead.recogniser.fail();
  await modelDead.clock.advance(5_000);
  await modelDead.hangUp();

  const speechDead = startWritten(telemetry);
  await speechDead.hearReply();
  speechDead.speech.failures = 100;
  await speechDead.says('can you still hear me?');
  await speechDead.clock.advance(20_000);

  const waiting = await talk(telemetry, 'how long does it take?', {
    model: () => ({ text: 'A while.', firstTokenMs: 5_000 }),
    settings: { conversation: { ...defaultConversationSettings, holdAfterMs: 60_000 } },
  });
  await waiting.clock.advance(10_000);
  await waiting.hangUp();

  const danger = await talk(telemetry, 'I want to kill myself.', {
    tools: { [safetyToolName]: { content: 'too late', afterMs: 600_000 } },
  });
  await danger.hangUp();

  const unpriced = await talk(telemetry, 'what is this?', { settings: { model: 'claude-of-tomorrow' } });
  await unpriced.hangUp();

  const dear = await talk(telemetry, 'tell me everything.');
  dear.session.wrapUp('over-budget');
  await dear.clock.advance(30_000);

  const storeless = await talk(telemetry, 'is anybody there?', { store: storeAway });
  await storeless.hangUp();

  const budget = { name: 'STAGE', period: '2026-11-21', limitUsd: 0.01 } as BudgetAccount;
  await testBudgetGuard(createVirtualClock(), telemetry).takeMore(budget);

  createFailureReport(telemetry, callSid)(new TypeError('a mistake of ours'));
}

/** Upgrades and streams that are not let in, over a real socket. */
async function doorway(telemetry: Telemetry): Promise<void> {
  const registry = createCallRegistry({ callsMax: 0 });
  const server = createMediaServer({
    registry,
    telemetry,
    version: '1.2.3',
    isSignedUpgrade: (signature) => signature === 'right',
    isWebToken: () => true,
    webCallsMax: 0,
    onStream: async () => undefined,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  for (const signature of ['right', 'wrong']) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${streamPath}`, {
      headers: { 'x-twilio-signature': signature },
    });
    await once(socket, 'error');
  }
  const browser = new WebSocket(`ws://127.0.0.1:${port}${webStreamPath}`, [webProtocol, 'token']);
  await once(browser, 'error');
  server.close();
  await strayStreams(telemetry);
}

async function strayStreams(telemetry: Telemetry): Promise<void> {
  const clock = createVirtualClock();
  const tokens = createStreamTokens({ secrets: ['a secret'] });
  const listeners: MediaStreamListener[] = [];
  const handle = createStreamHandler({
    // A call that is let in fails at once: the first thing it asks for is not there.
    deps: { clock } as unknown as CallDependencies,
    registry: createCallRegistry({ callsMax: 1 }),
    telemetry,
    checkAccess: createStreamAccess({
      tokens,
      oneTimeTokens: createInMemoryOneTimeTokens(),
      clock,
      visitorDigest,
      onFailure: () => undefined,
    }),
    openStream: (_socket, listener) => {
      listeners.push(listener);
      return { play: () => undefined, mark: () => undefined, clear: () => undefined, close: () => undefined };
    },
  });
  const token = tokens.issue({
    callSid,
    role: 'parent',
    direction: 'inbound',
    callerHash: 'hash',
    callerMasked: '+1******1234',
    nonce: 'n'.repeat(24),
    expiresAt: 4_000_000_000,
  });
  for (const parameters of [{}, { token }]) {
    void handle({} as WebSocket);
    listeners.at(-1)?.onStart({ callSid, streamSid: 'MZ', accountSid: 'AC', parameters } as never);
    await clock.advance(100);
  }
}

async function processLife(telemetry: Telemetry): Promise<void> {
  const clock = createVirtualClock();
  const frames = createFrameCount(telemetry);
  const quiet = () => undefined;
  frames
    .counting({ onStart: quiet, onMedia: quiet, onMark: quiet, onDtmf: quiet, onEnd: quiet })
    .onMedia(new Uint8Array(160));
  frames.noteProblem('listener-failed');
  const vitals = watchVitals({ activeCalls: () => 1, frames, clock, telemetry });
  vitals.stop();
  const registry = createCallRegistry({ callsMax: 1 });
  const server = createMediaServer({
    registry,
    telemetry,
    version: '1.2.3',
    isSignedUpgrade: () => true,
    onStream: async () => undefined,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const settings = { acceptMs: 0, graceMs: 0, goodbyeMs: 0 };
  await drain({ server, registry, clock, telemetry, settings });
}

/** A tool server that answers nothing but errors. */
async function toolServerAway(telemetry: Telemetry): Promise<void> {
  const server = createServer((_request, response) => response.writeHead(500).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { promise: counted, resolve } = Promise.withResolvers<void>();
  const tools = createMcpTools({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    clientName: 'test',
    clientVersion: '1',
    timeoutMs: 1_000,
    clock: createVirtualClock(),
    telemetry: {
      ...telemetry,
      metric(name, value) {
        telemetry.metric(name, value);
        if (name === 'ToolErrors') resolve();
      },
    },
  });
  await counted;
  await tools.close();
  server.close();
  server.closeAllConnections();
}
