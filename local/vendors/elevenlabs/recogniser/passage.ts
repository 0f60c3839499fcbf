import type { Utterance } from './utterances.ts';

/** One time that an utterance is heard, frame by frame in order; frames may be missing. */
export interface Passage {
  readonly utterance: Utterance;
  lastFrame(): number;
  /** @returns the words that are complete with this frame. */
  advance(frame: number): readonly string[];
  /** Half-heard words that nothing more is waited for: what a recogniser makes of a cut-off word. */
  settle(): readonly string[];
  /**
   * Goes over frames that were taken for another utterance with the same audio.
   * @param alreadyHeard words understood there, which are not understood again
   */
  replay(frames: readonly number[], alreadyHeard: number): void;
}

/** A word of which less has arrived is not understood. */
const heardShareMin = 0.5;

export function createPassage(utterance: Utterance): Passage {
  const { words } = utterance;
  const heardFrames = new Uint16Array(words.length);
  const settled = words.map(() => false);
  let firstOpen = 0;
  let lastFrame = -1;

  const take = (index: number): string[] => {
    const word = words[index];
    if (!word || settled[index] || (heardFrames[index] as number) < word.frames * heardShareMin) return [];
    settled[index] = true;
    return [word.text];
  };

  const advance = (frame: number): string[] => {
    lastFrame = frame;
    for (let i = firstOpen; i < words.length && (words[i]?.firstFrame ?? 0) <= frame; i += 1)
      if (frame <= (words[i]?.lastFrame ?? 0)) heardFrames[i] = (heardFrames[i] as number) + 1;
    const complete: string[] = [];
    for (; firstOpen < words.length && (words[firstOpen]?.lastFrame ?? 0) <= frame; firstOpen += 1)
      complete.push(...take(firstOpen));
    return complete;
  };

  return {
    utterance,
    lastFrame: () => lastFrame,
    advance,
    settle: () => words.flatMap((word, i) => (i >= firstOpen && word.firstFrame <= lastFrame ? take(i) : [])),
    replay(frames, alreadyHeard) {
      const first = frames[0] ?? 0;
      let known = alreadyHeard;
      words.forEach((word, i) => {
        if (known === 0 || word.lastFrame < first) return;
        settled[i] = true;
        known -= 1;
      });
      for (const frame of frames) advance(frame);
    },
  };
}
