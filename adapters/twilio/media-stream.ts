/** The phone side of one call: a Twilio media stream on one accepted WebSocket. */
import { type RawData, WebSocket } from 'ws';
import type { StreamSid } from '#core/ids.ts';
import { limits as coreLimits } from '#core/limits.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { MediaStream, MediaStreamListener } from '#core/ports/media-stream.ts';
import { closeCodes, createStreamEnding } from './stream-ending.ts';
import { createStreamOrder, type Meaning, type StreamContent } from './stream-order.ts';
import type { OnStreamProblem, StreamProblem } from './stream-problem.ts';
import { createStreamWatch } from './stream-watch.ts';
import { encodeClear, encodeMark, encodeMedia, parseStreamMessage } from './wire.ts';

export interface MediaStreamLimits {
  readonly startTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** From our close frame to the answer, normally one round trip; then the connection is cut. */
  readonly closeTimeoutMs: number;
  /** Unusable messages one after the other: one second of frames in which nothing of the caller was understood. */
  readonly unusableInARowMax: number;
  /** Unsent bytes that mean the other side has stopped reading: about 48 s of base64 audio. */
  readonly unsentBytesMax: number;
}

export const mediaStreamLimits: MediaStreamLimits = {
  startTimeoutMs: coreLimits.streamStartTimeoutMs,
  idleTimeoutMs: coreLimits.streamIdleTimeoutMs,
  closeTimeoutMs: 1_000,
  unusableInARowMax: 50,
  unsentBytesMax: 512 * 1024,
};

export interface TwilioMediaStreamOptions {
  /** A socket just accepted; its server bounds messages (`limits.streamMessageBytesMax`). */
  readonly socket: WebSocket;
  readonly listener: MediaStreamListener;
  readonly clock: Clock;
  readonly limits?: Partial<MediaStreamLimits>;
  readonly onFrameError?: OnStreamProblem;
}

const textOf = (data: RawData): string =>
  Buffer.isBuffer(data) ? data.toString() : Buffer.concat([data].flat().map(bytesOf)).toString();
const bytesOf = (data: Buffer | ArrayBuffer): Uint8Array =>
  data instanceof ArrayBuffer ? new Uint8Array(data) : data;

function tell(listener: MediaStreamListener, message: StreamContent): void {
  if (message.event === 'media') listener.onMedia(message.audio);
  else if (message.event === 'mark') listener.onMark(message.name);
  else listener.onDtmf(message.digit);
}

/**
 * Speaks Twilio's media stream on `socket` until either side ends it. Handlers never throw.
 *
 * `onEnd` tells `stopped` and `lost` as soon as they are known, and `closed` when the other side has followed our
 * close or `closeTimeoutMs` is over. What is played, marked or cleared before `start` goes nowhere.
 */
export function createTwilioMediaStream(options: TwilioMediaStreamOptions): MediaStream {
  const { socket, listener, clock, onFrameError } = options;
  const bounds = { ...mediaStreamLimits, ...options.limits };
  const order = createStreamOrder();
  let unusableInARow = 0;

  const watch = createStreamWatch({
    ...bounds,
    clock,
    onSilent: (silence) => ending.lose(silence, closeCodes.policy),
  });
  const ending = createStreamEnding({
    ...bounds,
    socket,
    clock,
    onProblem: onFrameError,
    onEnd(end) {
      watch.stop();
      listener.onEnd(end);
    },
  });

  const countUnusable = (problem: StreamProblem) => {
    onFrameError?.(problem);
    unusableInARow += 1;
    if (unusableInARow >= bounds.unusableInARowMax)
      ending.lose('too-many-unusable-messages', closeCodes.policy);
  };

  const receive = (meaning: Meaning) => {
    if (meaning.type === 'unusable') return countUnusable(meaning.problem);
    if (meaning.type === 'nothing') return;
    unusableInARow = 0;
    if (meaning.type === 'deliver') return ending.guard(() => tell(listener, meaning.message));
    if (meaning.type === 'stop') return ending.stopped();
    if (meaning.unannounced) onFrameError?.('out-of-order');
    watch.started();
    ending.guard(() => listener.onStart(meaning.start));
  };

  socket.on('message', (data, isBinary) => {
    if (!ending.isOpen()) return;
    watch.heard();
    if (isBinary) return ending.lose('binary-message', closeCodes.unsupported);
    const parsed = parseStreamMessage(textOf(data));
    if (parsed.ok) receive(order.meaningOf(parsed.message));
    else countUnusable(parsed.problem);
  });

  const send = (encode: (streamSid: StreamSid) => string) => {
    const streamSid = order.streamSid();
    // Every end begins with closing the socket: an open one is a stream that goes on.
    if (!streamSid || socket.readyState !== WebSocket.OPEN) return;
    socket.send(encode(streamSid));
    if (socket.bufferedAmount <= bounds.unsentBytesMax) return;
    ending.lose('unsent-backlog', closeCodes.policy);
    // A close frame would wait behind the backlog.
    socket.terminate();
  };

  return {
    play(audio) {
      if (audio.length > 0) send((streamSid) => encodeMedia(streamSid, audio));
    },
    mark: (name) => send((streamSid) => encodeMark(streamSid, name)),
    clear: () => send(encodeClear),
    close(why = 'done') {
      watch.stop();
      ending.close(why === 'refused' ? closeCodes.policy : closeCodes.done);
    },
  };
}
