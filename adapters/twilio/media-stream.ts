/** The phone side of one call over one Media Streams socket. */
import type { RawData, WebSocket } from 'ws';
import type { MulawAudio } from '#core/audio/mulaw.ts';
import type { StreamSid } from '#core/ids.ts';
import { limits } from '#core/limits.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { MediaStream, MediaStreamListener, StreamEnd } from '#core/ports/media-stream.ts';
import { encodeClear, encodeMark, encodeMedia, parseStreamMessage, type StreamMessage } from './wire.ts';

export interface TwilioMediaStreamOptions {
  readonly socket: WebSocket;
  readonly listener: MediaStreamListener;
  readonly clock: Clock;
  /** A message that could not be used; `problem` is static text. */
  readonly onFrameError?: (problem: string) => void;
  readonly startTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
}

/** Bad messages after which the peer is not Twilio. */
const badMessagesMax = 20;
/** Unsent bytes after which the peer no longer reads: 16 seconds of audio in base64 and JSON. */
const bufferedBytesMax = 256 * 1024;
/** How long a closing handshake may take before the socket is cut. */
const closeTimeoutMs = 2_000;

const closeCodes = { done: 1000, protocol: 1002, unsupported: 1003, refused: 1008 } as const;

interface Connection extends Required<Omit<TwilioMediaStreamOptions, 'startTimeoutMs' | 'idleTimeoutMs'>> {
  readonly startTimeoutMs: number;
  readonly idleTimeoutMs: number;
  streamSid: StreamSid | undefined;
  stopped: boolean;
  closing: boolean;
  ended: boolean;
  badMessages: number;
  lastMessageAtMs: number;
  cancelWatch: () => void;
}

/**
 * Listens at once. `onEnd` comes exactly once: `stopped` after Twilio's `stop`, `closed` after our `close`,
 * `lost` in every other case (cut, silent, not speaking the protocol).
 */
export function createTwilioMediaStream(options: TwilioMediaStreamOptions): MediaStream {
  const connection: Connection = {
    onFrameError: () => undefined,
    ...options,
    startTimeoutMs: options.startTimeoutMs ?? limits.streamStartTimeoutMs,
    idleTimeoutMs: options.idleTimeoutMs ?? limits.streamIdleTimeoutMs,
    streamSid: undefined,
    stopped: false,
    closing: false,
    ended: false,
    badMessages: 0,
    lastMessageAtMs: options.clock.nowMs(),
    cancelWatch: () => undefined,
  };
  const { socket } = connection;
  socket.on('message', (data, isBinary) => receive(connection, data, isBinary));
  socket.on('close', () => end(connection));
  // Followed by 'close', which ends the stream; a protocol error of the peer is counted as a bad frame.
  socket.on('error', () => connection.onFrameError('the peer broke the WebSocket protocol'));
  watch(connection);

  return {
    play: (audio: MulawAudio) => send(connection, (streamSid) => encodeMedia(streamSid, audio)),
    mark: (name) => send(connection, (streamSid) => encodeMark(streamSid, name)),
    clear: () => send(connection, encodeClear),
    close: (why = 'done') => close(connection, closeCodes[why]),
  };
}

function send(connection: Connection, encode: (streamSid: StreamSid) => string): void {
  const { socket, streamSid } = connection;
  if (streamSid === undefined || connection.ended || connection.closing || connection.stopped) return;
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > bufferedBytesMax) return lose(connection);
  socket.send(encode(streamSid));
}

/** A peer that sends nothing, or no valid `start`, is gone or was never Twilio. */
function watch(connection: Connection): void {
  const { clock } = connection;
  const limitMs = connection.streamSid === undefined ? connection.startTimeoutMs : connection.idleTimeoutMs;
  const quietMs = clock.nowMs() - connection.lastMessageAtMs;
  if (quietMs >= limitMs) {
    connection.onFrameError(connection.streamSid === undefined ? 'no start in time' : 'no message in time');
    return lose(connection);
  }
  connection.cancelWatch = clock.setTimer(limitMs - quietMs, () => watch(connection));
}

function receive(connection: Connection, data: RawData, isBinary: boolean): void {
  if (connection.ended || connection.closing) return;
  if (isBinary) {
    connection.onFrameError('binary message');
    return close(connection, closeCodes.unsupported, 'lost');
  }
  const parsed = parseStreamMessage(data.toString());
  if (!parsed.ok) return badMessage(connection, parsed.problem);
  // Before `start`, only `start` counts as progress.
  if (connection.streamSid !== undefined) connection.lastMessageAtMs = connection.clock.nowMs();
  accept(connection, parsed.message);
}

function badMessage(connection: Connection, problem: string): void {
  connection.badMessages += 1;
  connection.onFrameError(problem);
  if (connection.badMessages >= badMessagesMax) close(connection, closeCodes.refused, 'lost');
}

function accept(connection: Connection, message: StreamMessage): void {
  const { listener } = connection;
  if (message.event === 'connected' || message.event === 'unknown') return;
  if (message.event === 'start') return acceptStart(connection, message);
  if (connection.streamSid === undefined) return badMessage(connection, 'message before start');
  if (connection.stopped) return;
  if (message.event === 'stop') {
    connection.stopped = true;
    return end(connection);
  }
  if (message.streamSid !== connection.streamSid) return badMessage(connection, 'message of another stream');
  if (message.event === 'media') listener.onMedia(message.audio);
  if (message.event === 'mark') listener.onMark(message.name);
  if (message.event === 'dtmf') listener.onDtmf(message.digit);
}

function acceptStart(connection: Connection, message: Extract<StreamMessage, { event: 'start' }>): void {
  if (connection.streamSid !== undefined) return badMessage(connection, 'second start');
  const { streamSid, start } = message;
  connection.streamSid = streamSid;
  connection.lastMessageAtMs = connection.clock.nowMs();
  connection.cancelWatch();
  watch(connection);
  connection.listener.onStart({
    streamSid,
    callSid: start.callSid,
    accountSid: start.accountSid,
    parameters: start.customParameters,
  });
}

function close(connection: Connection, code: number, as: StreamEnd = 'closed'): void {
  const { socket, clock } = connection;
  if (connection.closing) return;
  connection.closing = true;
  socket.close(code);
  const cancelCut = clock.setTimer(closeTimeoutMs, () => socket.terminate());
  socket.once('close', cancelCut);
  end(connection, as);
}

/** Nobody reads a closing handshake on a dead socket. */
function lose(connection: Connection): void {
  connection.socket.terminate();
  end(connection, 'lost');
}

function end(connection: Connection, as: StreamEnd = connection.stopped ? 'stopped' : 'lost'): void {
  if (connection.ended) return;
  connection.ended = true;
  connection.cancelWatch();
  connection.listener.onEnd(as);
  // After `stop` there is nothing left to say; Twilio closes, and if it does not, we do.
  if (connection.stopped) close(connection, closeCodes.done);
}
