/**
 * Loudness above the line's own noise. WebRTC's detector judges the colour of a sound: it takes noise for speech
 * until it has learned it, and hears on through the pauses between words. Loudness tells both apart.
 */

/** Loudness in dBFS: 0 is a full-scale square wave. Digital silence has none, and counts as this. */
const silenceDbfs = -96;

/**
 * Quieter than this is not speech on a telephone, however quiet the line: callers speak at about -26 dBFS
 * (ITU-T P.56 active speech level of network equipment), a whisper some 20 dB below.
 */
const speechDbfsMin = -50;
/** Louder than this is never held to be noise, else somebody who shouts without a pause would silence himself. */
const noiseDbfsMax = -38;
/** How far speech stands out of noise: less and the noise's own ups and downs pass, more and soft words do not. */
const marginDb = 9;

/**
 * The noise is the quietest moment of the last 3 seconds: nobody speaks so long without one (closures of consonants,
 * breath), and a noise that stays, a car or a fan, is learned within that time. Kept as the minima of slices.
 */
const sliceFrames = 15;
const slices = 10;

const fullScale = 32_768;

/** Of the whole frame, in dBFS. */
export function loudnessDbfs(samples: Int16Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i += 1) {
    const sample = samples[i] as number;
    sum += sample * sample;
  }
  const meanSquare = sum / samples.length / (fullScale * fullScale);
  return meanSquare > 0 ? Math.max(silenceDbfs, 10 * Math.log10(meanSquare)) : silenceDbfs;
}

export interface EnergyGate {
  /** @returns whether a frame of this loudness stands out of the noise around it. Every frame is learned from. */
  passes(dbfs: number): boolean;
}

export function createEnergyGate(): EnergyGate {
  const minima = new Float64Array(slices).fill(Number.POSITIVE_INFINITY);
  let slice = 0;
  let framesInSlice = 0;

  const learn = (dbfs: number) => {
    if (framesInSlice === sliceFrames) {
      slice = (slice + 1) % slices;
      framesInSlice = 0;
      minima[slice] = Number.POSITIVE_INFINITY;
    }
    framesInSlice += 1;
    minima[slice] = Math.min(minima[slice] as number, dbfs);
  };

  return {
    passes(dbfs) {
      learn(dbfs);
      const noise = Math.min(...minima, noiseDbfsMax);
      return dbfs >= Math.max(noise + marginDb, speechDbfsMin);
    },
  };
}
