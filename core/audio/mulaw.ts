/** G.711 µ-law at 8 kHz mono: the only audio this system handles (ITU-T G.711). One byte is one sample. */

export type MulawAudio = Uint8Array;

export const sampleRateHz = 8000;
export const bytesPerMs = sampleRateHz / 1000;
/** One frame as Twilio sends it. */
export const frameMs = 20;
export const frameBytes = frameMs * bytesPerMs;
/** Digital silence. Never 0x00, which is full-scale noise. */
export const silenceByte = 0xff;

export const durationMs = (audio: MulawAudio): number => audio.length / bytesPerMs;

export function silence(ms: number): MulawAudio {
  return new Uint8Array(Math.round(ms * bytesPerMs)).fill(silenceByte);
}

const bias = 132;
const clip = 32635;

function decodeSample(code: number): number {
  const inverted = ~code & 0xff;
  const exponent = (inverted >> 4) & 7;
  const magnitude = (((inverted & 15) * 8 + bias) << exponent) - bias;
  return inverted & 0x80 ? -magnitude : magnitude;
}

const decodeTable = Int16Array.from({ length: 256 }, (_, code) => decodeSample(code));

/** @returns 16-bit signed samples, one per byte. */
export function decodeMulaw(audio: MulawAudio, into = new Int16Array(audio.length)): Int16Array {
  for (let i = 0; i < audio.length; i += 1) into[i] = decodeTable[audio[i] as number] as number;
  return into;
}

function encodeSample(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), clip) + bias;
  const exponent = Math.max(0, 31 - Math.clz32(magnitude) - 7);
  const mantissa = (magnitude >> (exponent + 3)) & 15;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

/** @param samples 16-bit signed, 8 kHz. */
export function encodeMulaw(samples: Int16Array): MulawAudio {
  const audio = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i += 1) audio[i] = encodeSample(samples[i] as number);
  return audio;
}
