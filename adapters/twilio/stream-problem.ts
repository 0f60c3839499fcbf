import type { MessageProblem } from './wire.ts';

/**
 * What was wrong with a media stream, safe to log.
 * - `out-of-order`, `other-stream`: understood, but not at this time, or not of this stream
 * - `oversize-message`, `unreadable-frame`, `binary-message`: the peer broke the rules of the WebSocket or the stream
 * - `too-many-unusable-messages`, `start-timeout`, `idle-timeout`, `unsent-backlog`, `connection-failed`: given up
 * - `listener-failed`: our own code threw; the stream is given up so that only this call suffers
 */
export type StreamProblem =
  | MessageProblem
  | 'out-of-order'
  | 'other-stream'
  | 'oversize-message'
  | 'unreadable-frame'
  | 'binary-message'
  | 'too-many-unusable-messages'
  | 'start-timeout'
  | 'idle-timeout'
  | 'unsent-backlog'
  | 'connection-failed'
  | 'listener-failed';

/** Counts and logs a problem; must not throw. `cause` is for diagnosis only: it may hold what the peer sent. */
export type OnStreamProblem = (problem: StreamProblem, cause?: unknown) => void;

/** @param error as a WebSocket of `ws` emits it. */
export function problemOfSocketError(error: Error & { code?: string }): StreamProblem {
  if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return 'oversize-message';
  return error.code?.startsWith('WS_ERR_') ? 'unreadable-frame' : 'connection-failed';
}
