import { encodeMulaw, type MulawAudio, sampleRateHz } from '#core/audio/mulaw.ts';
import type { AudioFormat } from './settings.ts';

/**
 * Received bytes as telephone audio. µ-law that was announced as PCM (the default of the service!) becomes noise
 * here, as it does there: no error, wrong words.
 */
export function decodeAudio(bytes: Uint8Array, format: AudioFormat, rateHz: number): MulawAudio {
  if (format === 'ulaw_8000') return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const step = rateHz / sampleRateHz;
  const samples = new Int16Array(Math.floor(bytes.length / 2 / step));
  for (let i = 0; i < samples.length; i += 1) samples[i] = view.getInt16(Math.floor(i * step) * 2, true);
  return encodeMulaw(samples);
}
