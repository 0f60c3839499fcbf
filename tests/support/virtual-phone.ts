/** The phone side on a virtual clock: plays at playback speed, echoes marks when their audio was played. */
import { bytesPerMs, frameBytes, frameMs, silence } from '#core/audio/mulaw.ts';
import type { MediaStream } from '#core/ports/media-stream.ts';
import { createSpelledReader } from './spelled-audio.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface VirtualPhone {
  readonly stream: MediaStream;
  /** Every word the caller has heard so far. */
  heard(): string;
  /** When the caller last heard a sound, and whether one is playing now. */
  lastSoundAtMs(): number;
  isPlaying(): boolean;
  /** Whether the stream was closed, and how. */
  closed(): 'no' | 'done' | 'refused';
  /** The longest silence in the caller's ear between two moments, milliseconds. */
  longestSilenceMs(fromMs: number, toMs: number): number;
  clears(): number;
}

type Item =
  | { readonly type: 'audio'; readonly bytes: Uint8Array; played: number }
  | { readonly type: 'mark'; readonly name: string };

export function createVirtualPhone(
  clock: VirtualClock,
  on: { media: (frame: Uint8Array) => void; mark: (name: string) => void },
): VirtualPhone {
  let queue: Item[] = [];
  const reader = createSpelledReader();
  const soundAtMs: number[] = [];
  let closed: 'no' | 'done' | 'refused' = 'no';
  let clears = 0;

  const returnMarks = () => {
    while (queue[0]?.type === 'mark') {
      const mark = queue.shift();
      if (mark?.type === 'mark') on.mark(mark.name);
    }
  };

  const playFrame = () => {
    let wanted = frameBytes;
    while (wanted > 0) {
      returnMarks();
      const item = queue[0];
      if (item?.type !== 'audio') break;
      const part = item.bytes.subarray(item.played, item.played + wanted);
      reader.push(part);
      item.played += part.length;
      wanted -= part.length;
      soundAtMs.push(clock.nowMs());
      if (item.played >= item.bytes.length) queue.shift();
    }
    returnMarks();
  };

  const tick = () => {
    if (closed !== 'no') return;
    playFrame();
    on.media(silence(frameMs));
    clock.setTimer(frameMs, tick);
  };
  clock.setTimer(frameMs, tick);

  return {
    stream: {
      play: (bytes) => void queue.push({ type: 'audio', bytes: bytes.slice(), played: 0 }),
      mark(name) {
        queue.push({ type: 'mark', name });
      },
      clear() {
        clears += 1;
        const marks = queue.filter((item) => item.type === 'mark');
        queue = [];
        for (const { name } of marks) on.mark(name);
      },
      close(why = 'done') {
        closed = why;
      },
    },
    heard: reader.text,
    lastSoundAtMs: () => soundAtMs.at(-1) ?? 0,
    isPlaying: () => queue.some(({ type }) => type === 'audio'),
    closed: () => closed,
    clears: () => clears,
    longestSilenceMs(fromMs, toMs) {
      const sounds = [fromMs, ...soundAtMs.filter((at) => at > fromMs && at < toMs), toMs];
      return Math.max(...sounds.slice(1).map((at, i) => at - (sounds[i] ?? at)));
    },
  };
}

export const spokenMs = (text: string): number => (text.length * frameBytes * 3) / bytesPerMs;
