import type { MulawAudio } from '#core/audio/mulaw.ts';

/** One second of audio: small enough to grow and shrink with the utterance, large enough to be few. */
const blockBytes = 8_000;

/**
 * The caller's audio by position in bytes since the session began. What is no longer needed is dropped from the
 * front, so that memory follows what could still have to be sent again.
 */
export interface AudioTape {
  /** Copies the audio to the end. */
  append(audio: MulawAudio): void;
  /** @returns a copy of `[from, to)`; both within `start()` and `end()`. */
  read(from: number, to: number): MulawAudio;
  /** Forgets everything before `position`; positions keep their meaning. */
  dropBefore(position: number): void;
  start(): number;
  end(): number;
}

export function createAudioTape(): AudioTape {
  const blocks: Uint8Array[] = [];
  let firstBlock = 0;
  let start = 0;
  let end = 0;

  /** Calls `visit` with each block that holds a part of `[from, to)` and the part's bounds within it. */
  const eachPart = (from: number, to: number, visit: (block: Uint8Array, a: number, b: number) => void) => {
    for (let at = from; at < to; ) {
      const index = Math.floor(at / blockBytes) - firstBlock;
      while (blocks.length <= index) blocks.push(new Uint8Array(blockBytes));
      const offset = at % blockBytes;
      const taken = Math.min(blockBytes - offset, to - at);
      visit(blocks[index] as Uint8Array, offset, offset + taken);
      at += taken;
    }
  };

  return {
    append(audio) {
      let copied = 0;
      eachPart(end, end + audio.length, (block, a, b) => {
        block.set(audio.subarray(copied, copied + b - a), a);
        copied += b - a;
      });
      end += audio.length;
    },
    read(from, to) {
      const audio = new Uint8Array(to - from);
      let copied = 0;
      eachPart(from, to, (block, a, b) => {
        audio.set(block.subarray(a, b), copied);
        copied += b - a;
      });
      return audio;
    },
    dropBefore(position) {
      start = Math.min(Math.max(start, position), end);
      const keepFrom = Math.floor(start / blockBytes);
      blocks.splice(0, keepFrom - firstBlock);
      firstBlock = keepFrom;
    },
    start: () => start,
    end: () => end,
  };
}
