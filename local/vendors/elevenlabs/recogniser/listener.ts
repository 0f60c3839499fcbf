/**
 * Finds registered utterances in received audio. It knows nothing but the bytes: not when a caller spoke, nor what
 * was registered last. Frames may be lost, or arrive many at once, or begin anywhere in what is received.
 */
import { frameBytes, frameMs, type MulawAudio } from '#core/audio/mulaw.ts';
import { createPassage, type Passage } from './passage.ts';
import { isSilentFrame, type Place, type Utterance, type Utterances } from './utterances.ts';

export interface HeardWord {
  readonly text: string;
  /** Received audio up to the end of the word, in ms since the session began. */
  readonly heardAtMs: number;
}

export interface Listener {
  hear(audio: MulawAudio): void;
  /** Words since the last `commit()`. */
  words(): readonly HeardWord[];
  /** @returns the words since the last commit, with a half-heard last one, and begins anew. */
  commit(): readonly HeardWord[];
}

/** Frames of one utterance that may be lost in a row before it counts as spoken anew: 5 seconds. */
const lostFramesMax = 250;
/** Heard frames that a change of mind may reach back over: a minute. */
const historyFramesMax = 3_000;
/** A frame that comes again right after itself or its next ones is a duplicate of the line, not a repetition. */
const duplicateFramesMax = 3;

interface HeardFrame extends Place {
  /** Words understood before this frame, since the session began. */
  readonly wordsBefore: number;
}

/** The frames of `utterance` just before `frame` that are what was heard last, oldest first; silence is skipped. */
function findCommonPast(history: readonly HeardFrame[], utterance: Utterance, frame: number): number[] {
  const common: number[] = [];
  let at = frame - 1;
  for (let back = history.length - 1; back >= 0; back -= 1) {
    while (at >= 0 && utterance.hashes[at] === undefined) at -= 1;
    const heard = history[back] as HeardFrame;
    if (at < 0 || utterance.hashes[at] !== heard.utterance.hashes[heard.frame]) break;
    common.unshift(at);
    at -= 1;
  }
  return common;
}

/** Which utterance is being heard, and which of its words are complete. */
function createFollower(understand: (words: readonly string[]) => void) {
  const history: HeardFrame[] = [];
  let passage: Passage | undefined;
  let wordsTotal = 0;

  const tell = (words: readonly string[]) => {
    wordsTotal += words.length;
    understand(words);
  };

  const next = (places: readonly Place[]): Place | 'duplicate' | undefined => {
    if (!passage) return undefined;
    const last = passage.lastFrame();
    const own = places.filter((place) => place.utterance === passage?.utterance);
    const ahead = own.filter(({ frame }) => frame > last && frame - last <= lostFramesMax);
    if (ahead.length > 0) return ahead.reduce((a, b) => (b.frame < a.frame ? b : a));
    return own.some(({ frame }) => frame <= last && frame > last - duplicateFramesMax)
      ? 'duplicate'
      : undefined;
  };

  /** Several utterances may begin with the same audio: the one whose past fits what was heard is meant. */
  const begin = (places: readonly Place[]): Place => {
    const pasts = places.map((place) => ({
      place,
      past: findCommonPast(history, place.utterance, place.frame),
    }));
    const { place, past } = pasts.reduce((best, other) =>
      other.past.length > best.past.length ? other : best,
    );
    passage = createPassage(place.utterance);
    const wordsBefore = history[history.length - past.length]?.wordsBefore ?? wordsTotal;
    passage.replay(past, wordsTotal - wordsBefore);
    return place;
  };

  return {
    follow(places: readonly Place[]) {
      const known = next(places);
      if (known === 'duplicate') return;
      const place = known ?? begin(places);
      history.push({ ...place, wordsBefore: wordsTotal });
      if (history.length > historyFramesMax) history.splice(0, historyFramesMax / 2);
      tell(passage?.advance(place.frame) ?? []);
    },
    settle: () => tell(passage?.settle() ?? []),
  };
}

export function createListener(utterances: Utterances): Listener {
  let unread: Uint8Array = new Uint8Array(0);
  let readBytes = 0;
  let words: HeardWord[] = [];

  const follower = createFollower((texts) => {
    const heardAtMs = (readBytes / frameBytes + 1) * frameMs;
    for (const text of texts) words.push({ text, heardAtMs });
  });

  /** @returns how many bytes are done with; 0 when more are needed. */
  const readFrame = (at: number): number => {
    if (unread.length - at < frameBytes) return 0;
    if (isSilentFrame(unread, at)) return frameBytes;
    const places = utterances.find(unread, at);
    if (places.length > 0) {
      follower.follow(places);
      return frameBytes;
    }
    // Unknown sound, or frames that begin elsewhere: the next frame tells.
    if (unread.length - at < 2 * frameBytes) return 0;
    const found = utterances.search(unread, at + 1, at + frameBytes);
    return found === undefined ? frameBytes : found - at;
  };

  return {
    hear(audio) {
      unread = Buffer.concat([unread, audio]);
      let at = 0;
      for (let taken = readFrame(at); taken > 0; taken = readFrame(at)) {
        at += taken;
        readBytes += taken;
      }
      unread = unread.subarray(at);
    },
    words: () => words,
    commit() {
      follower.settle();
      const committed = words;
      words = [];
      return committed;
    },
  };
}
