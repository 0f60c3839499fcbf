/** Notices that a streamed reply has gone quiet. The SDK's own timeout ends with the response headers. */
import type { ProviderError } from '#core/errors.ts';
import type { Clock } from '#core/ports/clock.ts';
import { stalledError } from './failures.ts';

/**
 * Pings prove the connection, not the reply: they restart the wait for the next event, but with nothing except pings
 * the reply is given up after this many of those waits.
 */
const pingOnlyGapsMax = 4;

export interface StallLimits {
  readonly firstEventTimeoutMs: number;
  readonly eventGapTimeoutMs: number;
}

export interface StallWatch {
  /** The request goes out. */
  requested(): void;
  /** A ping came. Before the first event it changes nothing. */
  ping(): void;
  /** Waiting for the next event begins now; time that the consumer takes over a part does not count. */
  waiting(): void;
  /** Nothing is waited for. */
  rest(): void;
  /** Why the reply was given up, if it was. */
  readonly error: ProviderError | undefined;
}

/** @param giveUp ends the request; called at most once. */
export function createStallWatch(clock: Clock, limits: StallLimits, giveUp: () => void): StallWatch {
  let error: ProviderError | undefined;
  let started = false;
  let cancelGap: (() => void) | undefined;
  let cancelPingOnly: (() => void) | undefined;

  const rest = () => {
    cancelGap?.();
    cancelPingOnly?.();
  };
  const stalled = (code: 'first-event' | 'event-gap') => () => {
    rest();
    if (error) return;
    error = stalledError(code);
    giveUp();
  };
  const restartGap = () => {
    cancelGap?.();
    cancelGap = clock.setTimer(limits.eventGapTimeoutMs, stalled('event-gap'));
  };

  return {
    requested() {
      cancelGap = clock.setTimer(limits.firstEventTimeoutMs, stalled('first-event'));
    },
    ping() {
      if (started) restartGap();
    },
    waiting() {
      started = true;
      rest();
      restartGap();
      cancelPingOnly = clock.setTimer(limits.eventGapTimeoutMs * pingOnlyGapsMax, stalled('event-gap'));
    },
    rest,
    get error() {
      return error;
    },
  };
}
