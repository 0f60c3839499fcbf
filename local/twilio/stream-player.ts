/** What Twilio does with outbound audio: a queue played at playback speed, marks returned when they are reached. */
import { bytesPerMs, frameBytes, silenceByte } from '#core/audio/mulaw.ts';

type Item = { readonly audio: Uint8Array; played: number } | { readonly mark: string };

export interface StreamPlayer {
  media(audio: Uint8Array): void;
  /** Comes back when everything before it was played, at once when there is nothing. */
  mark(name: string): void;
  /** Drops the audio; every pending mark comes back now. @returns the dropped milliseconds. */
  clear(): number;
  /** The next 20 ms, silence where there is nothing to play. What the frame before held has been played now. */
  nextFrame(): Uint8Array;
  /** Milliseconds waiting to be played. */
  waitingMs(): number;
  /** Milliseconds played so far. */
  playedMs(): number;
}

/** @param onMark called with each mark that goes back, in the order they came. */
export function createStreamPlayer(onMark: (name: string) => void): StreamPlayer {
  let queue: Item[] = [];
  let waitingBytes = 0;
  let playedBytes = 0;
  /** The frame handed out last is still sounding: it held audio. */
  let sounding = false;

  const returnReachedMarks = () => {
    if (sounding) return;
    for (let first = queue[0]; first && 'mark' in first; first = queue[0]) {
      queue.shift();
      onMark(first.mark);
    }
  };

  const takeInto = (frame: Uint8Array): number => {
    let filled = 0;
    // Marks between two pieces of one frame go back when the frame is over.
    const passed: Item[] = [];
    for (let first = queue[0]; first && filled < frameBytes; first = queue[0]) {
      queue.shift();
      if ('mark' in first) {
        passed.push(first);
        continue;
      }
      const part = first.audio.subarray(first.played, first.played + frameBytes - filled);
      frame.set(part, filled);
      filled += part.length;
      first.played += part.length;
      if (first.played < first.audio.length) queue.unshift(first);
    }
    queue.unshift(...passed);
    return filled;
  };

  return {
    media(audio) {
      if (audio.length === 0) return;
      queue.push({ audio, played: 0 });
      waitingBytes += audio.length;
    },
    mark(name) {
      queue.push({ mark: name });
      returnReachedMarks();
    },
    clear() {
      const marks = queue.filter((item) => 'mark' in item);
      const dropped = waitingBytes;
      queue = [];
      waitingBytes = 0;
      for (const { mark } of marks) onMark(mark);
      return dropped / bytesPerMs;
    },
    nextFrame() {
      sounding = false;
      returnReachedMarks();
      const frame = new Uint8Array(frameBytes).fill(silenceByte);
      const filled = takeInto(frame);
      sounding = filled > 0;
      waitingBytes -= filled;
      playedBytes += filled;
      return frame;
    },
    waitingMs: () => waitingBytes / bytesPerMs,
    playedMs: () => playedBytes / bytesPerMs,
  };
}
