/** What a process tells of itself now and then: its calls, its frames, and whether its loop keeps up. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '#core/ports/clock.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import { vitalsEveryMs } from '#core/telemetry/metrics.ts';
import type { FrameCount } from './frame-count.ts';

/** How finely the loop is sampled: a frame comes every 20 ms. */
const resolutionMs = 20;
const nanosecondsPerMs = 1e6;
const percentile = 99;

export interface Vitals {
  stop(): void;
}

/** Told at once and then every `vitalsEveryMs`, also while the process drains, until it is stopped. */
export function watchVitals(options: {
  readonly activeCalls: () => number;
  readonly frames: FrameCount;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}): Vitals {
  const { activeCalls, frames, clock, telemetry } = options;
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let cancel: () => void = () => undefined;

  const tell = () => {
    telemetry.metric('ActiveCalls', activeCalls());
    const received = frames.take();
    if (received > 0) telemetry.metric('FramesReceived', received);
    // Samples include the timer's own period.
    const delayMs = delay.percentile(percentile) / nanosecondsPerMs - resolutionMs;
    telemetry.metric('EventLoopDelayMs', Math.max(0, Math.round(delayMs)));
    delay.reset();
    telemetry.flush();
    cancel = clock.setTimer(vitalsEveryMs, tell);
  };
  tell();
  return {
    stop() {
      cancel();
      delay.disable();
    },
  };
}
