/** How many frames came and how many were unusable, over all calls of the process. */
import type { MediaStreamListener } from '#core/ports/media-stream.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';

export interface FrameCount {
  /** The same listener; its frames are counted on the way. */
  counting(listener: MediaStreamListener): MediaStreamListener;
  /** A frame that could not be used, or (`listener-failed`) a listener of ours that threw. */
  noteProblem(problem: string): void;
  /** @returns frames since the last time it was asked. */
  take(): number;
}

export function createFrameCount(telemetry: Telemetry): FrameCount {
  let received = 0;
  return {
    counting: (listener) => ({
      ...listener,
      onMedia(audio) {
        received += 1;
        listener.onMedia(audio);
      },
    }),
    noteProblem(problem) {
      telemetry.metric('FrameErrors', 1);
      if (problem === 'listener-failed') telemetry.log('error', { msg: 'stream.listener-failed' });
    },
    take() {
      const count = received;
      received = 0;
      return count;
    },
  };
}
