/** The caller's ear: when the other side makes a sound and when it is silent. */
import { decodeMulaw, frameBytes, frameMs } from '#core/audio/mulaw.ts';

/** A stretch of sound; `endMs` moves on while it lasts. */
export interface Sound {
  readonly startMs: number;
  readonly endMs: number;
}

export interface Ear {
  /** @param atMs when the frame begins to sound. */
  hear(frame: Uint8Array, atMs: number): void;
  /** Somebody says something that has no sound in this simulation. */
  imagine(startMs: number, durationMs: number): void;
  /** The first sound that begins at or after a moment. */
  firstSince(ms: number): Sound | undefined;
  last(): Sound | undefined;
}

/** Louder than line noise, quieter than any speech: −46 dB of full scale. */
const soundRms = 160;
/** A shorter pause is one between words. */
const pauseMs = 200;
/** Sounds remembered: an hour of short sentences. */
const soundsMax = 2_000;

export function createEar(): Ear {
  const sounds: { startMs: number; endMs: number }[] = [];
  const samples = new Int16Array(frameBytes);

  const add = (startMs: number, endMs: number) => {
    const last = sounds.at(-1);
    if (last && startMs - last.endMs < pauseMs) last.endMs = Math.max(last.endMs, endMs);
    else sounds.push({ startMs, endMs });
    if (sounds.length > soundsMax) sounds.shift();
  };

  return {
    hear(frame, atMs) {
      decodeMulaw(frame, samples);
      let energy = 0;
      for (let i = 0; i < frame.length; i += 1) energy += (samples[i] as number) ** 2;
      if (Math.sqrt(energy / frame.length) >= soundRms) add(atMs, atMs + frameMs);
    },
    imagine: (startMs, durationMs) => add(startMs, startMs + durationMs),
    firstSince: (ms) => sounds.find(({ startMs }) => startMs >= ms),
    last: () => sounds.at(-1),
  };
}
