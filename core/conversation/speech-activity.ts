/** Turns a voice detector's verdict per frame into the beginnings and ends of speech. */

export interface SpeechActivitySettings {
  /** Speech within the window that makes a beginning: a click is shorter. */
  readonly startSpeechMs: number;
  /** Speech since its beginning that makes it more than a sound: the barge-in threshold. */
  readonly sustainedSpeechMs: number;
  /** Silence that ends speech: longer than the closure of a consonant (about 100 ms). */
  readonly stopSilenceMs: number;
}

export const defaultSpeechActivity = {
  startSpeechMs: 60,
  sustainedSpeechMs: 200,
  stopSilenceMs: 160,
} as const satisfies SpeechActivitySettings;

export type SpeechActivity =
  | { readonly type: 'started'; readonly atMs: number }
  | { readonly type: 'sustained'; readonly atMs: number }
  | { readonly type: 'stopped'; readonly atMs: number; readonly lastSpeechAtMs: number };

export interface SpeechActivityTracker {
  /** @returns what this frame changed, if anything. */
  frame(isSpeech: boolean, frameMs: number, atMs: number): SpeechActivity | undefined;
}

export function createSpeechActivityTracker(settings: SpeechActivitySettings): SpeechActivityTracker {
  let speaking = false;
  let sustained = false;
  let speechMs = 0;
  let silenceMs = 0;
  let lastSpeechAtMs = 0;

  const heardSpeech = (frameMs: number, atMs: number): SpeechActivity | undefined => {
    speechMs += frameMs;
    silenceMs = 0;
    lastSpeechAtMs = atMs;
    if (!speaking && speechMs >= settings.startSpeechMs) {
      speaking = true;
      return { type: 'started', atMs };
    }
    if (speaking && !sustained && speechMs >= settings.sustainedSpeechMs) {
      sustained = true;
      return { type: 'sustained', atMs };
    }
    return undefined;
  };

  const heardSilence = (frameMs: number, atMs: number): SpeechActivity | undefined => {
    silenceMs += frameMs;
    if (silenceMs < settings.stopSilenceMs) return undefined;
    speechMs = 0;
    sustained = false;
    if (!speaking) return undefined;
    speaking = false;
    return { type: 'stopped', atMs, lastSpeechAtMs };
  };

  return {
    frame: (isSpeech, frameMs, atMs) => (isSpeech ? heardSpeech(frameMs, atMs) : heardSilence(frameMs, atMs)),
  };
}
