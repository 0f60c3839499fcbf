/** The carrier's side of one bidirectional Media Stream. */
import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import { frameMs } from '#core/audio/mulaw.ts';
import type { Violation } from './ledger.ts';
import type { PhoneLine } from './phone-line.ts';
import { createStreamPlayer } from './stream-player.ts';
import { signatureOf } from './webhook.ts';

export interface StreamOptions {
  readonly authToken: string;
  readonly accountSid: string;
  readonly callSid: string;
  readonly url: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly line: PhoneLine;
  /** Aborted when the caller hangs up or the call gets other instructions. */
  readonly signal: AbortSignal;
  readonly onDigits: (listener: (digit: string) => void) => () => void;
  readonly onStarted: (streamSid: string) => void;
  readonly onViolation: (violation: Violation) => void;
}

export type StreamEnd = {
  readonly streamSid: string;
  readonly secs: number;
  /** Twilio's error code when it never connected or broke. */
  readonly error?: number;
};

const connectTimeoutMs = 5_000;
const malformedMessage = 31_950;
const handshakeRefused = 31_920;
const connectionRefused = 31_902;
const connectTimeout = 31_901;
const badClose = 31_921;

/** Resolves when the stream is over, whatever ended it. */
export function runStream(options: StreamOptions): Promise<StreamEnd> {
  const streamSid = `MZ${randomBytes(16).toString('hex')}`;
  return new Promise((resolve) => {
    const socket = new WebSocket(options.url, {
      perMessageDeflate: false,
      handshakeTimeout: connectTimeoutMs,
      headers: {
        'x-twilio-signature': signatureOf(options.authToken, options.url, {}),
        'user-agent': 'Twilio.TmeWs/1.0',
      },
    });
    let session: ReturnType<typeof startSession> | undefined;
    let error: number | undefined;
    let over = false;
    const end = () => {
      if (over) return;
      over = true;
      options.signal.removeEventListener('abort', stop);
      resolve({ streamSid, secs: session?.end() ?? 0, ...(error === undefined ? {} : { error }) });
    };
    const stop = () => {
      session?.sendStop();
      socket.close(1000);
      end();
    };
    options.signal.addEventListener('abort', stop, { once: true });
    socket.on('unexpected-response', (_request, response) => {
      error = handshakeRefused;
      response.resume();
      end();
      socket.terminate();
    });
    socket.on('error', (cause: NodeJS.ErrnoException) => {
      error ??= cause.code === 'ECONNREFUSED' ? connectionRefused : session ? badClose : connectTimeout;
    });
    socket.on('open', () => {
      session = startSession(socket, streamSid, options);
      options.onStarted(streamSid);
    });
    socket.on('message', (data: Buffer, isBinary) => session?.receive(data, isBinary));
    socket.on('close', (code) => {
      if (code === 1006) error ??= badClose;
      end();
    });
  });
}

function startSession(socket: WebSocket, streamSid: string, options: StreamOptions) {
  const { accountSid, callSid, line } = options;
  const startedAt = performance.now();
  let sequence = 0;
  let chunk = 0;
  const send = (event: string, body: object) => {
    if (socket.readyState !== socket.OPEN) return;
    sequence += 1;
    socket.send(JSON.stringify({ event, sequenceNumber: String(sequence), streamSid, ...body }));
  };
  const player = createStreamPlayer((name) => send('mark', { mark: { name } }));
  socket.send(JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }));
  send('start', {
    start: {
      accountSid,
      streamSid,
      callSid,
      tracks: ['inbound'],
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
      customParameters: options.parameters,
    },
  });
  const sendFrame = (frame: Uint8Array) => {
    chunk += 1;
    const payload = Buffer.from(frame).toString('base64');
    const timestamp = String(Math.round(performance.now() - startedAt));
    send('media', { media: { track: 'inbound', chunk: String(chunk), timestamp, payload } });
  };
  const stopTicking = everyFrame(() => {
    sendFrame(line.nextFrame());
    line.play(player.nextFrame());
  });
  const stopDigits = options.onDigits((digit) => send('dtmf', { dtmf: { track: 'inbound_track', digit } }));
  return {
    receive: (data: Buffer, isBinary: boolean) => {
      const problem = isBinary ? 'a binary message' : applyMessage(data.toString(), streamSid, player);
      if (problem !== undefined) options.onViolation({ code: malformedMessage, problem });
    },
    sendStop: () => send('stop', { stop: { accountSid, callSid } }),
    end() {
      stopTicking();
      stopDigits();
      return (performance.now() - startedAt) / 1000;
    },
  };
}

/** A schedule without drift: a late tick makes up for the frames it missed. */
function everyFrame(tick: () => void): () => void {
  const startedAt = performance.now();
  let frames = 0;
  let timer: NodeJS.Timeout;
  const run = () => {
    const due = Math.floor((performance.now() - startedAt) / frameMs);
    for (; frames < due; frames += 1) tick();
    timer = setTimeout(run, startedAt + (frames + 1) * frameMs - performance.now());
  };
  timer = setTimeout(run, frameMs);
  return () => clearTimeout(timer);
}

const strictBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** @returns what is wrong with a message, if anything. */
function applyMessage(
  text: string,
  streamSid: string,
  player: ReturnType<typeof createStreamPlayer>,
): string | undefined {
  let message: {
    event?: unknown;
    streamSid?: unknown;
    media?: { payload?: unknown };
    mark?: { name?: unknown };
  };
  try {
    message = JSON.parse(text);
  } catch {
    return 'not JSON';
  }
  if (message.streamSid !== streamSid) return 'wrong or missing streamSid';
  switch (message.event) {
    case 'media': {
      const payload = message.media?.payload;
      if (typeof payload !== 'string' || payload === '' || !strictBase64.test(payload))
        return 'payload is not base64';
      const audio = Buffer.from(payload, 'base64');
      if (audio.subarray(0, 4).toString('latin1') === 'RIFF') return 'payload has a WAV header';
      player.media(audio);
      return undefined;
    }
    case 'mark':
      if (typeof message.mark?.name !== 'string') return 'mark without a name';
      player.mark(message.mark.name);
      return undefined;
    case 'clear':
      player.clear();
      return undefined;
    default:
      return 'unknown event';
  }
}
