/** One WebSocket to ElevenLabs, reduced to what both adapters need, with its limits. */
import type { IncomingMessage } from 'node:http';
import { type ClientOptions, type RawData, WebSocket } from 'ws';
import { ProviderError, type ProviderFailure } from '#core/errors.ts';
import { type ElevenLabsProvider, retryAfterMs, statusError } from './failures.ts';

export const socketLimits = {
  /** TCP, TLS and upgrade: normally under 300 ms across a continent; beyond 2 s a fresh attempt is the better bet. */
  handshakeTimeoutMs: 2_000,
  /** Largest message we read: over a minute of base64 µ-law in one frame, far above what is sent. */
  messageBytesMax: 1024 * 1024,
  /** Unsent bytes that mean the other side has stopped reading: about 24 s of base64 caller audio. */
  unsentBytesMax: 256 * 1024,
  /** From our close frame to the answer; then the socket is cut. */
  closeTimeoutMs: 1_000,
} as const;

export interface VendorSocket {
  /** Sends one text message. @returns whether it was handed over: not before the open, nor after the end. */
  send(message: string): boolean;
  /** Ends quietly: no handler is called any more. */
  close(): void;
}

export interface VendorSocketHandlers {
  onOpen?(): void;
  onMessage(text: string): void;
  /** The socket is gone and we did not close it. Called at most once, and last. */
  onLost(error: ProviderError): void;
  /** The socket is closed for whatever reason. Called exactly once; the only call that can follow `close()`. */
  onClosed?(): void;
}

export interface SocketOptions {
  readonly provider: ElevenLabsProvider;
  readonly url: URL;
  readonly apiKey: string;
  readonly handlers: VendorSocketHandlers;
}

export type ConnectSocket = (options: SocketOptions) => VendorSocket;

function connectionError(
  provider: ElevenLabsProvider,
  failure: ProviderFailure,
  code: string,
  cause?: unknown,
) {
  return new ProviderError('The connection to ElevenLabs was lost', { provider, failure, code, cause });
}

function errorOfCause(provider: ElevenLabsProvider, cause: Error & { code?: string }): ProviderError {
  const timedOut = cause.message === 'Opening handshake has timed out';
  // ws names what it cannot read (bad UTF-8, a frame too large) with codes that begin so.
  const unreadable = cause.code?.startsWith('WS_ERR_') ?? false;
  const failure = timedOut ? 'timeout' : unreadable ? 'protocol' : 'unavailable';
  return connectionError(
    provider,
    failure,
    timedOut ? 'handshake-timeout' : (cause.code ?? 'socket-error'),
    cause,
  );
}

const textOf = (data: RawData): string =>
  Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Buffer).toString();

function clientOptions(apiKey: string): ClientOptions & { closeTimeout: number } {
  return {
    headers: { 'xi-api-key': apiKey },
    perMessageDeflate: false,
    followRedirects: false,
    handshakeTimeout: socketLimits.handshakeTimeoutMs,
    maxPayload: socketLimits.messageBytesMax,
    closeTimeout: socketLimits.closeTimeoutMs,
  };
}

/** Connects at once. Never throws: every failure arrives through `onLost`. */
export const connectWebSocket: ConnectSocket = ({ provider, url, apiKey, handlers }) => {
  let silent = false;
  const socket = new WebSocket(url, clientOptions(apiKey));
  const lose = (error: ProviderError) => {
    if (silent) return;
    silent = true;
    socket.terminate();
    handlers.onLost(error);
  };

  socket.on('open', () => {
    if (!silent) handlers.onOpen?.();
  });
  socket.on('message', (data) => {
    if (!silent) handlers.onMessage(textOf(data));
  });
  socket.on('unexpected-response', (_request, response: IncomingMessage) => {
    response.resume();
    const retryAfter = response.headers['retry-after'];
    lose(statusError(provider, response.statusCode ?? 0, retryAfterMs(retryAfter)));
  });
  // Stays attached for good: a socket cut while closing still reports an error, and nobody else listens.
  socket.on('error', (cause) => lose(errorOfCause(provider, cause)));
  socket.on('close', (code) => {
    lose(connectionError(provider, 'unavailable', `close-${code}`));
    handlers.onClosed?.();
  });

  return {
    send(message) {
      if (silent || socket.readyState !== WebSocket.OPEN) return false;
      socket.send(message);
      if (socket.bufferedAmount > socketLimits.unsentBytesMax)
        lose(connectionError(provider, 'unavailable', 'unsent-backlog'));
      return true;
    },
    close() {
      silent = true;
      if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
      else socket.close(1000);
    },
  };
};
