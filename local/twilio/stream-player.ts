/** What Twilio does with outbound audio: a queue played at playback speed, marks returned when they are reached. */
import { frameBytes, silenceByte } from '#core/audio/mulaw.ts';

type Item = { readonly audio: Uint8Array; played: number } | { readonly mark: string };

export interface StreamPlayer {
  media(audio: Uint8Array): void;
  mark(name: string): void;
  /** Drops the audio; every pending mark comes back now. */
  clear(): void;
  /** The next 20 ms, silence where there is nothing to play. */
  nextFrame(): Uint8Array;
}

export function createStreamPlayer(onMark: (name: string) => void): StreamPlayer {
  let queue: Item[] = [];

  const returnReachedMarks = () => {
    for (let first = queue[0]; first && 'mark' in first; first = queue[0]) {
      queue.shift();
      onMark(first.mark);
    }
  };

  return {
    media: (audio) => void queue.push({ audio, played: 0 }),
    mark(name) {
      queue.push({ mark: name });
      returnReachedMarks();
    },
    clear() {
      const marks = queue.filter((item) => 'mark' in item);
      queue = [];
      for (const { mark } of marks) onMark(mark);
    },
    nextFrame() {
      const frame = new Uint8Array(frameBytes).fill(silenceByte);
      let filled = 0;
      for (let first = queue[0]; first && filled < frameBytes; first = queue[0]) {
        if ('mark' in first) {
          returnReachedMarks();
          continue;
        }
        const part = first.audio.subarray(first.played, first.played + frameBytes - filled);
        frame.set(part, filled);
        filled += part.length;
        first.played += part.length;
        if (first.played >= first.audio.length) queue.shift();
      }
      returnReachedMarks();
      return frame;
    },
  };
}
