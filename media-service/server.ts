/** The process's one port: health, readiness, and the upgrade that brings a call. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { limits } from '#core/limits.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import type { CallRegistry } from './call-registry.ts';
import type { StreamChannel } from './stream-access.ts';

export interface MediaServerOptions {
  readonly registry: CallRegistry;
  readonly telemetry: Telemetry;
  readonly version: string;
  /** Is the upgrade signed by the carrier for our public address? */
  readonly isSignedUpgrade: (signature: string | undefined, path: string) => boolean;
  /** Does the token, which a browser offers as its second subprotocol, look good for now? It is redeemed later. */
  readonly isWebToken?: (token: string) => boolean;
  /** Places that browsers may take of all. */
  readonly webCallsMax?: number;
  /** Takes over an accepted socket; returns when the place may be given back. */
  readonly onStream: (socket: WebSocket, channel: StreamChannel) => Promise<void>;
  /** Tests wait less. */
  readonly limits?: Partial<MediaServerLimits>;
}

/** What a client that is slow, or that sends too much, can take of the process before a call begins. */
export interface MediaServerLimits {
  /** From the connection, or the request before, to the last byte of the headers. */
  readonly headersTimeoutMs: number;
  /** To the last byte of the body. */
  readonly requestTimeoutMs: number;
  /** How often both are looked at: a client is cut that much late at most. */
  readonly checkEveryMs: number;
  /** A refused upgrade has so long to close its side. */
  readonly refusalTimeoutMs: number;
  /** Request line and headers; a signed upgrade has about 1 KB, one of a browser 2 KB. */
  readonly headerBytesMax: number;
}

/** Health checks and upgrades need milliseconds; the seconds are for bad networks. */
export const mediaServerLimits: MediaServerLimits = {
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  checkEveryMs: 1_000,
  refusalTimeoutMs: 2_000,
  headerBytesMax: 8 * 1024,
};

export const streamPath = '/call/stream';
/** Browsers, which cannot sign: `new WebSocket(url, ['voice-center', token])`. */
export const webStreamPath = '/web-call/stream';
export const webProtocol = 'voice-center';

export function createMediaServer(options: MediaServerOptions): Server {
  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.streamMessageBytesMax,
  });
  const bounds = { ...mediaServerLimits, ...options.limits };
  const server = createServer(
    {
      headersTimeout: bounds.headersTimeoutMs,
      requestTimeout: bounds.requestTimeoutMs,
      connectionsCheckingInterval: bounds.checkEveryMs,
      maxHeaderSize: bounds.headerBytesMax,
    },
    (request, response) => answerHttp(options, request, response),
  );
  let webCalls = 0;
  server.on('upgrade', (request, socket, head) => {
    const channel = request.url === webStreamPath ? 'web' : 'phone';
    const refusal = refuseUpgrade(options, request, webCalls);
    if (refusal) return refuse(socket, refusal, bounds.refusalTimeoutMs);
    if (channel === 'web') webCalls += 1;
    const release = () => {
      if (channel === 'web') webCalls -= 1;
      options.registry.release();
    };
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      void options.onStream(webSocket, channel).finally(release);
    });
    // A handshake that ws itself refuses never calls back: its place must not stay taken.
    if (!socket.writable) release();
    return undefined;
  });
  return server;
}

interface Refusal {
  readonly status: 400 | 403 | 404 | 503;
  readonly text: string;
}

const statusTexts: Record<Refusal['status'], string> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
};

/** A handshake as RFC 6455 wants it; anything else would be refused by ws after the place was taken. */
function isHandshake({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    /^[+/0-9A-Za-z]{22}==$/.test(String(headers['sec-websocket-key'] ?? '')) &&
    ['13', '8'].includes(String(headers['sec-websocket-version'] ?? ''))
  );
}

/** Checks in the order of their cost; the last one takes a place. */
function refuseUpgrade(
  options: MediaServerOptions,
  request: IncomingMessage,
  webCalls: number,
): Refusal | undefined {
  const { registry, telemetry } = options;
  const path = request.url ?? '';
  if (path !== streamPath && path !== webStreamPath)
    return { status: 404, text: `Streams are served at ${streamPath}.` };
  if (!isHandshake(request)) return { status: 400, text: 'This is not a WebSocket handshake.' };
  const refusal =
    path === webStreamPath ? refuseBrowser(options, request, webCalls) : refuseUnsigned(options, request);
  if (refusal) return refusal;
  const admission = registry.admit();
  if (admission === 'admitted') return undefined;
  telemetry.metric('CallsRefused', 1);
  telemetry.log('warn', { msg: 'call.refused', reason: admission, activeCalls: registry.active });
  return {
    status: 503,
    text: admission === 'draining' ? 'This process is stopping.' : 'All places are taken.',
  };
}

function refuseUnsigned(
  { isSignedUpgrade, telemetry }: MediaServerOptions,
  request: IncomingMessage,
): Refusal | undefined {
  const signature = request.headers['x-twilio-signature'];
  if (isSignedUpgrade(typeof signature === 'string' ? signature : undefined, streamPath)) return undefined;
  const reason = signature ? 'mismatch' : 'missing';
  telemetry.emit('warn', { msg: 'access.refused', what: 'stream-signature', reason });
  return { status: 403, text: 'The signature does not match.' };
}

/** Nobody without a token takes a place, and all browsers together only so many. */
function refuseBrowser(
  { isWebToken, telemetry, webCallsMax = 0 }: MediaServerOptions,
  request: IncomingMessage,
  webCalls: number,
): Refusal | undefined {
  const [protocol, token = '', ...rest] = (request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((part) => part.trim());
  if (protocol !== webProtocol || rest.length > 0 || !isWebToken?.(token)) {
    telemetry.emit('warn', { msg: 'access.refused', what: 'stream-token', reason: 'at-upgrade' });
    return { status: 403, text: 'The token is not valid.' };
  }
  if (webCalls < webCallsMax) return undefined;
  telemetry.emit('warn', { msg: 'limit.hit', limit: 'web-calls-per-process' });
  return { status: 503, text: 'All places for browsers are taken.' };
}

/** What still comes is read and thrown away, so that the other side sees the answer; one that stays is cut. */
function refuse(socket: Duplex, { status, text }: Refusal, timeoutMs: number): void {
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  socket.on('close', () => clearTimeout(timer));
  socket.on('error', () => socket.destroy());
  socket.resume();
  socket.end(
    `HTTP/1.1 ${status} ${statusTexts[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

function answerHttp(options: MediaServerOptions, request: IncomingMessage, response: ServerResponse): void {
  const { registry, version } = options;
  const path = (request.url ?? '').split('?')[0];
  const answer = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(body));
  };
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return answer(405, { error: 'method not allowed' });
  if (path === '/health') return answer(200, { status: 'alive', version, activeCalls: registry.active });
  if (path === '/ready') {
    const ready = !registry.isDraining;
    return answer(ready ? 200 : 503, { status: ready ? 'ready' : 'draining', activeCalls: registry.active });
  }
  return answer(404, { error: 'not found' });
}
