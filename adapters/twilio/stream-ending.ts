import { WebSocket } from 'ws';
import type { Clock } from '#core/ports/clock.ts';
import type { StreamEnd } from '#core/ports/media-stream.ts';
import { type OnStreamProblem, problemOfSocketError, type StreamProblem } from './stream-problem.ts';

/** WebSocket close codes (RFC 6455, section 7.4.1). */
export const closeCodes = {
  done: 1000,
  protocol: 1002,
  unsupported: 1003,
  policy: 1008,
  internal: 1011,
} as const;
export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];

export interface StreamEndingOptions {
  readonly socket: WebSocket;
  readonly clock: Clock;
  /** From our close frame to the answer; then the connection is cut. */
  readonly closeTimeoutMs: number;
  readonly onProblem: OnStreamProblem | undefined;
  /** Called exactly once. */
  readonly onEnd: (end: StreamEnd) => void;
}

/** Sees to it that a stream ends once, for one reason, with its socket closed. */
export interface StreamEnding {
  /** False from the first reason to end on. */
  isOpen(): boolean;
  /** The other side said that it is over. */
  stopped(): void;
  /** We end it: over when the other side has followed, or did not in time. */
  close(code: CloseCode): void;
  /** Reports a problem that ends the stream, at once. */
  lose(problem: StreamProblem, code: CloseCode, cause?: unknown): void;
  /** Runs our own code; an exception would end the process and every other call, so it ends this stream instead. */
  guard(call: () => void): void;
}

/** `closing`: we closed and wait for the other side to follow. */
type Phase = 'open' | 'closing' | 'ended';

export function createStreamEnding(options: StreamEndingOptions): StreamEnding {
  const { socket, clock, onProblem } = options;
  let phase: Phase = 'open';
  let cancelCut: (() => void) | undefined;

  const closeSocket = (code: CloseCode) => {
    if (cancelCut || socket.readyState === WebSocket.CLOSED) return;
    cancelCut = clock.setTimer(options.closeTimeoutMs, () => socket.terminate());
    socket.close(code);
  };
  const end = (reason: StreamEnd) => {
    const wasClosing = phase === 'closing';
    if (phase === 'ended') return;
    phase = 'ended';
    guard(() => options.onEnd(wasClosing ? 'closed' : reason));
  };
  const lose = (problem: StreamProblem, code: CloseCode, cause?: unknown) => {
    onProblem?.(problem, cause);
    closeSocket(code);
    end('lost');
  };
  const guard = (call: () => void) => {
    try {
      call();
    } catch (cause) {
      lose('listener-failed', closeCodes.internal, cause);
    }
  };

  // Both stay attached for good: a socket still reports errors while it closes. For a broken WebSocket rule, ws has
  // sent the fitting close frame before it reports.
  socket.on('error', (error) => lose(problemOfSocketError(error), closeCodes.protocol, error));
  socket.on('close', () => {
    cancelCut?.();
    end('lost');
  });
  if (socket.readyState === WebSocket.CLOSED) queueMicrotask(() => end('lost'));

  return {
    isOpen: () => phase === 'open',
    stopped() {
      closeSocket(closeCodes.done);
      end('stopped');
    },
    close(code) {
      if (phase !== 'open') return;
      phase = 'closing';
      closeSocket(code);
    },
    lose,
    guard,
  };
}
