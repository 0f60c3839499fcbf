/** ElevenLabs on this machine: its sockets and its HTTP side, over real sockets and as strict. See README.md. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import * as z from 'zod';
import type { MulawAudio } from '#core/audio/mulaw.ts';
import { createSynthesiser, type Synthesiser } from '#local/speech/synthesiser.ts';
import { createFaults } from '../faults.ts';
import { listen, parseJson, readBody, sendJson } from '../http-server.ts';
import { createViolations, type VendorLog, type Violation } from '../violations.ts';
import { type Credentials, createCredentials, type Refusal } from './credentials.ts';
import { type ElevenLabsFault, faultSchema } from './faults.ts';
import { createLedger, type ElevenLabsLedger } from './ledger.ts';
import { runRecogniserSession } from './recogniser/session.ts';
import { createUtterances, type RegisteredWord, type Utterances } from './recogniser/utterances.ts';
import { handleRest } from './rest.ts';
import { runMultiSocket } from './speech/multi-socket.ts';
import { runSingleSocket } from './speech/single-socket.ts';

export interface ElevenLabsDelays {
  /** From the last byte of a word, or from a commit, to the text. The vendor claims 150 ms. */
  readonly sttMs?: number;
  /** From text to its first audio. The vendor claims 75 ms for its flash models. */
  readonly ttsFirstByteMs?: number;
}

export interface SimulatedElevenLabsOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly apiKey: string;
  /** Default: one of its own, which `close()` closes. */
  readonly synthesiser?: Synthesiser;
  readonly delays?: ElevenLabsDelays;
  /** The length of one of the vendor's seconds in its timeouts (default 1 000); tests make it shorter. */
  readonly secondMs?: number;
  readonly log?: VendorLog;
}

export interface SimulatedElevenLabs {
  /** `http://127.0.0.1:<port>`; the sockets are there too, as `ws:`. */
  readonly url: string;
  close(): Promise<void>;
  /** Tells the recogniser which words this audio holds, before it is sent. */
  registerUtterance(audio: MulawAudio, words: readonly RegisteredWord[]): void;
  violations(): readonly Violation[];
  ledger(): ElevenLabsLedger;
  /** Makes the next fitting thing fail, once. */
  failNext(fault: ElevenLabsFault): void;
  openSockets(): { readonly stt: number; readonly tts: number };
}

const messageBytesMax = 16 * 1024 * 1024;

const utteranceSchema = z.object({
  audio: z.base64(),
  words: z
    .array(z.object({ text: z.string().max(200), startMs: z.number().min(0), endMs: z.number().min(0) }))
    .max(5_000),
});

const socketPaths = [
  { kind: 'stt', path: /^\/v1\/speech-to-text\/realtime$/, token: 'token' },
  {
    kind: 'multi',
    path: /^\/v1\/text-to-speech\/([\w-]{1,64})\/multi-stream-input$/,
    token: 'single_use_token',
  },
  { kind: 'single', path: /^\/v1\/text-to-speech\/([\w-]{1,64})\/stream-input$/, token: 'single_use_token' },
] as const;
type SocketPath = (typeof socketPaths)[number];

function refuseUpgrade(socket: Duplex, status: number, code: string, message: string): void {
  const body = JSON.stringify({ detail: { status: code, message } });
  const head = `HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-type: application/json\r\n`;
  socket.end(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

type Shared = ReturnType<typeof createShared>;

function createShared(options: SimulatedElevenLabsOptions, synthesiser: Synthesiser) {
  const secondMs = options.secondMs ?? 1_000;
  return {
    secondMs,
    synthesiser,
    sttMs: options.delays?.sttMs ?? 150,
    firstByteMs: options.delays?.ttsFirstByteMs ?? 75,
    violations: createViolations(options.log),
    faults: createFaults<ElevenLabsFault>(),
    ledger: createLedger(),
    utterances: createUtterances() as Utterances,
    credentials: createCredentials(options.apiKey, secondMs) as Credentials,
  };
}

/** An upgraded socket runs as what its path says. */
function runSocket(socket: WebSocket, target: SocketPath, url: URL, shared: Shared): void {
  const { faults, secondMs, synthesiser, firstByteMs, ledger } = shared;
  const where = target.kind === 'stt' ? 'stt' : 'tts';
  const violate = (code: string, message: string) => shared.violations.add(where, code, message);
  socket.on('error', (error) => violate('broken-socket', error.message));
  if (target.kind === 'stt') {
    runRecogniserSession(socket, url.searchParams, {
      violate,
      faults,
      secondMs,
      utterances: shared.utterances,
      delayMs: shared.sttMs,
      ledger: ledger.openRecogniser(),
    });
    return;
  }
  const voiceId = target.path.exec(url.pathname)?.[1] ?? '';
  const openContext = ledger.openSpeechSocket(target.kind, voiceId);
  const run = target.kind === 'multi' ? runMultiSocket : runSingleSocket;
  run(socket, url.searchParams, {
    violate,
    faults,
    secondMs,
    synthesiser,
    firstByteMs,
    ledger: (_query, contextId) => openContext(contextId),
  });
}

function createUpgradeHandler(shared: Shared) {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: messageBytesMax,
  });
  const open = { stt: new Set<WebSocket>(), tts: new Set<WebSocket>() };

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const url = new URL(request.url ?? '/', 'http://localhost');
    const target = socketPaths.find(({ path }) => path.test(url.pathname));
    if (!target) return refuseUpgrade(socket, 404, 'not_found', 'Not Found');
    const on = target.kind === 'stt' ? 'stt' : 'tts';
    const fault = shared.faults.take(on, 'refuse-connection', 'hang-connection');
    if (fault?.kind === 'hang-connection') return;
    if (fault?.kind === 'refuse-connection')
      return refuseUpgrade(socket, fault.status, 'asked_for', 'Asked for by a test');
    const refusal: Refusal | undefined = shared.credentials.check(request, url.searchParams, target.token);
    if (refusal) {
      shared.violations.add(on, refusal.code, refusal.message);
      return refuseUpgrade(socket, refusal.status, refusal.code, refusal.message);
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      open[on].add(webSocket);
      webSocket.on('close', () => open[on].delete(webSocket));
      runSocket(webSocket, target, url, shared);
    });
  };
  return { upgrade, openSockets: () => ({ stt: open.stt.size, tts: open.tts.size }) };
}

/** What the real service does not have: the side door for simulated callers, tests and tools. */
async function handleSideDoor(
  request: IncomingMessage,
  path: string,
  shared: Shared,
): Promise<[number, unknown?]> {
  if (request.method === 'GET' && path === 'ledger') return [200, shared.ledger.read()];
  if (request.method === 'GET' && path === 'violations') return [200, shared.violations.list()];
  const body = parseJson((await readBody(request)).toString());
  if (request.method === 'POST' && path === 'utterances') {
    const utterance = utteranceSchema.safeParse(body);
    if (!utterance.success) return [400, { error: z.prettifyError(utterance.error) }];
    shared.utterances.register(
      new Uint8Array(Buffer.from(utterance.data.audio, 'base64')),
      utterance.data.words,
    );
    return [204];
  }
  if (request.method === 'POST' && path === 'faults') {
    const fault = faultSchema.safeParse(body);
    if (!fault.success) return [400, { error: z.prettifyError(fault.error) }];
    shared.faults.add(fault.data);
    return [204];
  }
  return [404, { error: 'Not found' }];
}

export async function startSimulatedElevenLabs(
  options: SimulatedElevenLabsOptions,
): Promise<SimulatedElevenLabs> {
  const synthesiser = options.synthesiser ?? (await createSynthesiser());
  const shared = createShared(options, synthesiser);
  const { violations, faults, ledger } = shared;
  const violate = (code: string, message: string) => violations.add('rest', code, message);
  const upgrades = createUpgradeHandler(shared);

  const listening = await listen(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (!url.pathname.startsWith('/_simulated/'))
      return handleRest(request, response, url, { ...shared, violate });
    const [status, body] = await handleSideDoor(request, url.pathname.slice('/_simulated/'.length), shared);
    if (body === undefined) response.writeHead(status).end();
    else sendJson(response, status, body);
  }, options.port ?? 0);
  listening.server.on('upgrade', upgrades.upgrade);

  return {
    url: listening.url,
    async close() {
      await listening.close();
      if (!options.synthesiser) await synthesiser.close();
    },
    registerUtterance: (audio, words) => shared.utterances.register(audio, words),
    violations: violations.list,
    ledger: ledger.read,
    failNext: (fault) => faults.add(faultSchema.parse(fault)),
    openSockets: upgrades.openSockets,
  };
}
