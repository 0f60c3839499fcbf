/** The process's one port: health, readiness, and the upgrade that brings a call. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { limits } from '#core/limits.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import type { CallRegistry } from './call-registry.ts';

export interface MediaServerOptions {
  readonly registry: CallRegistry;
  readonly telemetry: Telemetry;
  readonly version: string;
  /** Is the upgrade signed by the carrier for our public address? */
  readonly isSignedUpgrade: (signature: string | undefined, path: string) => boolean;
  /** Takes over an accepted socket; returns when the place may be given back. */
  readonly onStream: (socket: WebSocket) => Promise<void>;
}

export const streamPath = '/call/stream';

/** Slow or idle HTTP clients are cut: a health check needs milliseconds. */
const headersTimeoutMs = 5_000;
const requestTimeoutMs = 10_000;

export function createMediaServer(options: MediaServerOptions): Server {
  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.streamMessageBytesMax,
  });
  const server = createServer((request, response) => answerHttp(options, request, response));
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.on('upgrade', (request, socket, head) => {
    const refusal = refuseUpgrade(options, request);
    if (refusal) return refuse(socket, refusal);
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      void options.onStream(webSocket).finally(() => options.registry.release());
    });
    // A handshake that ws itself refuses never calls back: its place must not stay taken.
    if (!socket.writable) options.registry.release();
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
function refuseUpgrade(options: MediaServerOptions, request: IncomingMessage): Refusal | undefined {
  const { registry, telemetry } = options;
  const path = request.url ?? '';
  if (path !== streamPath) return { status: 404, text: 'Streams are served at /call/stream.' };
  if (!isHandshake(request)) return { status: 400, text: 'This is not a WebSocket handshake.' };
  const signature = request.headers['x-twilio-signature'];
  if (!options.isSignedUpgrade(typeof signature === 'string' ? signature : undefined, path)) {
    telemetry.emit('warn', {
      msg: 'access.refused',
      what: 'stream-signature',
      reason: signature ? 'mismatch' : 'missing',
    });
    return { status: 403, text: 'The signature does not match.' };
  }
  const admission = registry.admit();
  if (admission === 'admitted') return undefined;
  telemetry.metric('CallsRefused', 1);
  telemetry.log('warn', { msg: 'call.refused', reason: admission, activeCalls: registry.active });
  return {
    status: 503,
    text: admission === 'draining' ? 'This process is stopping.' : 'All places are taken.',
  };
}

function refuse(socket: Duplex, { status, text }: Refusal): void {
  socket.on('error', () => socket.destroy());
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
