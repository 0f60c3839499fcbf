/** Cuts spoken text into what the service sends: audio of odd lengths, and which characters are heard in it. */
import { bytesPerMs, durationMs, type MulawAudio } from '#core/audio/mulaw.ts';
import type { SpokenText } from '#local/speech/synthesiser.ts';

/** As the service spells it; times in ms. */
export interface WireAlignment {
  readonly chars: readonly string[];
  readonly charStartTimesMs: readonly number[];
  readonly charDurationsMs: readonly number[];
}

export interface SpokenChunk {
  readonly audio: MulawAudio;
  readonly alignment: WireAlignment | null;
}

/** Bytes of the 1st, 2nd, … chunk, then from the start again. Never a multiple of a 20 ms frame. */
const chunkBytes = [1_213, 2_407, 3_209, 2_801, 3_607];

interface TimedChar {
  readonly char: string;
  readonly startMs: number;
  readonly durationMs: number;
}

/** Characters share the time of their word; white space takes the pause between two words. */
function timeChars(text: string, { audio, words }: SpokenText): TimedChar[] {
  const parts = text.match(/\s+|\S+/gu) ?? [];
  let next = 0;
  return parts.flatMap((part) => {
    const isSpace = /^\s/u.test(part);
    const before = words[next - 1]?.endMs ?? 0;
    const word = isSpace ? undefined : words[next];
    if (!isSpace) next += 1;
    const startMs = word?.startMs ?? before;
    const endMs = Math.max(
      startMs,
      word?.endMs ?? words[next]?.startMs ?? Math.min(before, durationMs(audio)),
    );
    const chars = [...part];
    const each = (endMs - startMs) / chars.length;
    return chars.map((char, i) => ({ char, startMs: startMs + i * each, durationMs: each }));
  });
}

function toAlignment(chars: readonly TimedChar[], fromMs: number): WireAlignment | null {
  if (chars.length === 0) return null;
  return {
    chars: chars.map(({ char }) => char),
    charStartTimesMs: chars.map(({ startMs }) => Math.max(0, Math.round(startMs - fromMs))),
    charDurationsMs: chars.map((char) => Math.round(char.durationMs)),
  };
}

/**
 * @param everyChunk alignment with every chunk, relative to it (`sync_alignment`); else the first chunk has the times
 * of the whole text, beyond its own audio, as seen in the field
 */
export function cutIntoChunks(text: string, spoken: SpokenText, everyChunk: boolean): SpokenChunk[] {
  const { audio } = spoken;
  const chars = timeChars(text, spoken);
  const chunks: SpokenChunk[] = [];
  let taken = 0;
  for (let at = 0; at < audio.length; ) {
    const end = Math.min(audio.length, at + (chunkBytes[chunks.length % chunkBytes.length] as number));
    const isLast = end === audio.length;
    const first = taken;
    while (taken < chars.length && (isLast || (chars[taken]?.startMs ?? 0) < end / bytesPerMs)) taken += 1;
    const own = toAlignment(chars.slice(first, taken), at / bytesPerMs);
    const whole = at === 0 ? toAlignment(chars, 0) : null;
    chunks.push({ audio: audio.subarray(at, end), alignment: everyChunk ? own : whole });
    at = end;
  }
  return chunks;
}
