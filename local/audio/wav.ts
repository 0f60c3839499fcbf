/** Stereo WAV, 16-bit PCM at 8 kHz: what was said on the left, what was heard on the right. */
import { decodeMulaw, type MulawAudio, sampleRateHz } from '#core/audio/mulaw.ts';

const headerBytes = 44;
const channels = 2;
const sampleBytes = 2;

/** The shorter side is filled with silence. */
export function stereoWav(left: MulawAudio, right: MulawAudio): Buffer {
  const frames = Math.max(left.length, right.length);
  const dataBytes = frames * channels * sampleBytes;
  const wav = Buffer.alloc(headerBytes + dataBytes);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(headerBytes - 8 + dataBytes, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(channels, 22);
  wav.writeUInt32LE(sampleRateHz, 24);
  wav.writeUInt32LE(sampleRateHz * channels * sampleBytes, 28);
  wav.writeUInt16LE(channels * sampleBytes, 32);
  wav.writeUInt16LE(sampleBytes * 8, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(dataBytes, 40);
  const sides = [decodeMulaw(left), decodeMulaw(right)];
  sides.forEach((samples, side) => {
    for (let i = 0; i < samples.length; i += 1)
      wav.writeInt16LE(samples[i] as number, headerBytes + (i * channels + side) * sampleBytes);
  });
  return wav;
}
