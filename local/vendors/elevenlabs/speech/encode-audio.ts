import { decodeMulaw, type MulawAudio } from '#core/audio/mulaw.ts';

/** Looks like the start of an MP3 file and is noise to a telephone. */
const compressed = Buffer.from('ID3\u0004\u0000\u0000simulated compressed audio');

/**
 * Telephone audio in the format asked for. Formats nobody here can play are answered with bytes that are not µ-law:
 * a client that forgot to ask for it hears noise, as with the real service.
 */
export function encodeAudio(audio: MulawAudio, format: string): Uint8Array {
  if (format === 'ulaw_8000') return audio;
  const [kind, rate] = format.split('_');
  if (kind !== 'pcm') return Buffer.concat([compressed, audio]);
  const samples = decodeMulaw(audio);
  const length = Math.floor((samples.length * Number(rate)) / 8_000);
  const bytes = Buffer.alloc(length * 2);
  for (let i = 0; i < length; i += 1)
    bytes.writeInt16LE(samples[Math.floor((i * samples.length) / length)] as number, i * 2);
  return bytes;
}
