/** `VoiceActivityDetector` over WebRTC's detector (libfvad, compiled to WASM) behind an energy gate. */
import loadFvad, { type FvadModule } from '@echogarden/fvad-wasm';
import { frameBytes, sampleRateHz } from '#core/audio/mulaw.ts';
import type { VoiceActivityDetector } from '#core/ports/voice-activity.ts';
import { createEnergyGate, loudnessDbfs } from './energy-gate.ts';

/** How readily a frame counts as speech: 0 most readily, 3 least (libfvad's modes "quality" to "very aggressive"). */
export type VadMode = 0 | 1 | 2 | 3;

export interface WebRtcVadOptions {
  /** Default 3: on the phone a sound taken for speech interrupts the assistant. */
  readonly mode?: VadMode;
  /** The package's `fvad.wasm`, for a bundle that does not lie beside it. */
  readonly wasmBinary?: Uint8Array;
}

export interface WebRtcVad {
  /** A detector for one call; about 1 KB. Throws `RangeError` when there is no memory left for one. */
  open(): VoiceActivityDetector;
}

/** One µ-law byte is one sample. */
const frameSamples = frameBytes;

function openDetector(fvad: FvadModule, mode: VadMode): number {
  const detector = fvad._fvad_new();
  if (detector === 0) throw new RangeError('No memory left for a voice activity detector');
  fvad._fvad_set_mode(detector, mode);
  fvad._fvad_set_sample_rate(detector, sampleRateHz);
  return detector;
}

/** Loads the WASM module, once per process: detectors share its code and heap, and one buffer for the frame at hand. */
export async function createWebRtcVad(options: WebRtcVadOptions = {}): Promise<WebRtcVad> {
  const { mode = 3, wasmBinary } = options;
  const fvad = await loadFvad(wasmBinary ? { wasmBinary } : {});
  const buffer = fvad._malloc(frameSamples * Int16Array.BYTES_PER_ELEMENT);

  const soundsLikeSpeech = (detector: number, frame: Int16Array): boolean => {
    fvad.HEAP16.set(frame, buffer / Int16Array.BYTES_PER_ELEMENT);
    return fvad._fvad_process(detector, buffer, frameSamples) === 1;
  };

  return {
    open() {
      const gate = createEnergyGate();
      let detector: number | undefined = openDetector(fvad, mode);
      return {
        process(frame) {
          if (detector === undefined || frame.length !== frameSamples) return false;
          // Both hear every frame: each learns the line from what it hears.
          const loud = gate.passes(loudnessDbfs(frame));
          return soundsLikeSpeech(detector, frame) && loud;
        },
        close() {
          if (detector !== undefined) fvad._fvad_free(detector);
          detector = undefined;
        },
      };
    },
  };
}
