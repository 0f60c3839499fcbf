import { decodeMulaw, frameBytes, frameMs, type MulawAudio } from '#core/audio/mulaw.ts';
import { meanLevel } from '#local/speech/loudness.ts';

/** Mean absolute sample from which a frame is speech at a sensitivity of 1: about -34 dB. */
const loudestFloor = 650;

export interface EnergyDetector {
  /** @returns whether an utterance of some length is over: enough speech, then enough silence. */
  hear(audio: MulawAudio): boolean;
  reset(): void;
}

/** The server's own end-of-utterance, used with `commit_strategy=vad` only. */
export function createEnergyDetector(options: {
  readonly threshold: number;
  readonly speechMsMin: number;
  readonly silenceMs: number;
}): EnergyDetector {
  const floor = loudestFloor * options.threshold;
  let speechMs = 0;
  let quietMs = 0;

  const hearFrame = (frame: MulawAudio): boolean => {
    if (meanLevel(decodeMulaw(frame)) >= floor) {
      speechMs += frameMs;
      quietMs = 0;
    } else quietMs += frameMs;
    return speechMs >= options.speechMsMin && quietMs >= options.silenceMs;
  };

  return {
    hear(audio) {
      let over = false;
      for (let at = 0; at + frameBytes <= audio.length; at += frameBytes)
        over = hearFrame(audio.subarray(at, at + frameBytes)) || over;
      return over;
    },
    reset() {
      speechMs = 0;
      quietMs = 0;
    },
  };
}
