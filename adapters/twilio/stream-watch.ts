import type { Clock } from '#core/ports/clock.ts';

export interface StreamWatchOptions {
  readonly clock: Clock;
  /** From creation to `started()`. */
  readonly startTimeoutMs: number;
  /** After `started()`: the longest time without `heard()`. */
  readonly idleTimeoutMs: number;
  /** Called at most once. */
  readonly onSilent: (silence: 'start-timeout' | 'idle-timeout') => void;
}

/** Notices a peer that does not begin, or that has fallen silent because the connection is only half there. */
export interface StreamWatch {
  started(): void;
  /** Costs a look at the clock only: it is called for every message. */
  heard(): void;
  stop(): void;
}

export function createStreamWatch(options: StreamWatchOptions): StreamWatch {
  const { clock, startTimeoutMs, idleTimeoutMs, onSilent } = options;
  let heardAtMs = clock.nowMs();
  let cancel = clock.setTimer(startTimeoutMs, () => onSilent('start-timeout'));

  const look = () => {
    const leftMs = heardAtMs + idleTimeoutMs - clock.nowMs();
    if (leftMs <= 0) onSilent('idle-timeout');
    else cancel = clock.setTimer(leftMs, look);
  };

  return {
    started() {
      cancel();
      heardAtMs = clock.nowMs();
      cancel = clock.setTimer(idleTimeoutMs, look);
    },
    heard() {
      heardAtMs = clock.nowMs();
    },
    stop: () => cancel(),
  };
}
