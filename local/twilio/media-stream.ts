/** The carrier's side of one bidirectional Media Stream, from the handshake to its end. */
import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import { codes } from './failure.ts';
import { closeStream, note, type StreamNote } from './ledger.ts';
import type { LiveCall } from './live-call.ts';
import { placeOf } from './settings.ts';
import { signatureOf } from './signature.ts';
import { type StreamSession, startStreamSession } from './stream-session.ts';

export interface StreamOptions {
  /** Absolute, `wss:`, or `ws:` on a loopback host. */
  readonly url: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Aborted when the caller hangs up or the call gets other instructions. */
  readonly signal: AbortSignal;
  readonly onStarted: (streamSid: string) => void;
}

export interface StreamEnd {
  readonly streamSid: string;
  /** Twilio's error code when it never connected or broke. */
  readonly error?: number;
}

const connectTimeoutMs = 5_000;
/** From our close frame to the application's. */
const closeTimeoutMs = 1_000;
/** One message: minutes of audio; anything bigger is not speech. */
const messageBytesMax = 16 * 1024 * 1024;

/** Close codes after which everything went as meant: done, going away, none given (RFC 6455). */
const cleanCloseCodes = new Set([1000, 1001, 1005]);

/** Resolves when the stream is over, whatever ended it. */
export function runStream(call: LiveCall, options: StreamOptions): Promise<StreamEnd> {
  const streamSid = `MZ${randomBytes(16).toString('hex')}`;
  const stream: StreamNote = {
    streamSid,
    secs: 0,
    framesSent: 0,
    receivedMs: 0,
    playedMs: 0,
    droppedMs: 0,
    bufferedMsMax: 0,
    marks: 0,
    clears: 0,
  };
  note(call.ledger, call.ledger.streams, stream);
  const refusal = call.faults.takeStreamRefusal();
  if (refusal !== undefined) {
    stream.error = refusal;
    return Promise.resolve({ streamSid, error: refusal });
  }
  return connect(call, options, stream);
}

function connect(call: LiveCall, options: StreamOptions, stream: StreamNote): Promise<StreamEnd> {
  const { streamSid } = stream;
  const socketOptions = {
    perMessageDeflate: false,
    handshakeTimeout: connectTimeoutMs,
    closeTimeout: closeTimeoutMs,
    maxPayload: messageBytesMax,
    headers: {
      'x-twilio-signature': signatureOf(call.settings.authToken, options.url, {}),
      'user-agent': 'Twilio.TmeWs/1.0',
    },
  };
  const socket = new WebSocket(placeOf(options.url, call.settings.origins), socketOptions);
  let session: StreamSession | undefined;
  let startedAtMs = 0;
  let error: number | undefined;
  let over = false;
  return new Promise((resolve) => {
    const end = () => {
      if (over) return;
      over = true;
      options.signal.removeEventListener('abort', stop);
      release();
      session?.end();
      closeStream(call.ledger, stream, session ? performance.now() - startedAtMs : undefined);
      if (error !== undefined) stream.error = error;
      resolve({ streamSid, ...(error === undefined ? {} : { error }) });
    };
    const stop = () => {
      session?.sendStop();
      if (session) socket.close(1000);
      else socket.terminate();
      end();
    };
    const release = call.faults.holdStream(call.callSid, {
      drop: () => socket.terminate(),
      freeze: () => session?.freeze(),
    });
    options.signal.addEventListener('abort', stop, { once: true });
    socket.on('unexpected-response', (_request, response) => {
      error = codes.handshake;
      end();
      response.destroy();
      socket.terminate();
    });
    socket.on('error', (cause: NodeJS.ErrnoException) => {
      error ??= session ? streamErrorOf(cause) : connectErrorOf(cause);
    });
    socket.on('open', () => {
      startedAtMs = performance.now();
      session = startStreamSession(call, socket, stream, options.parameters);
      options.onStarted(streamSid);
    });
    socket.on('message', (data: Buffer, isBinary) => session?.receive(data, isBinary));
    socket.on('close', (code) => {
      if (session && !cleanCloseCodes.has(code)) error ??= codes.streamBroken;
      end();
    });
    if (options.signal.aborted) stop();
  });
}

const connectErrorOf = (cause: NodeJS.ErrnoException): number => {
  if (cause.code === 'ECONNREFUSED') return codes.connectionRefused;
  return cause.message.includes('timed out') || cause.code === 'ETIMEDOUT'
    ? codes.connectTimeout
    : codes.handshake;
};

const streamErrorOf = (cause: NodeJS.ErrnoException): number =>
  cause.code?.startsWith('WS_ERR_') ? codes.webSocketProtocol : codes.streamBroken;
