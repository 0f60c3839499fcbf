/** Two parties of a call and the 20 ms beat that carries sound between them. */
import { frameBytes, frameMs, silenceByte } from '#core/audio/mulaw.ts';

/** One end that speaks and hears: a phone, a stream, an announcement. Frames are 160 bytes. */
export interface Party {
  /** The next 20 ms from this party; silence when it says nothing. */
  nextFrame(): Uint8Array;
  /** 20 ms for this party to hear. */
  hear(frame: Uint8Array): void;
}

export const silentFrame: Uint8Array = new Uint8Array(frameBytes).fill(silenceByte);

/** Connects one party with whoever the call's document puts at the other end, for as long as it says so. */
export interface Line {
  /** Starts the beat; the party hears silence until somebody is connected. */
  open(): void;
  /** @returns takes this other end away again. */
  connect(other: Party): () => void;
  close(): void;
}

export function createLine(party: Party): Line {
  let other: Party | undefined;
  let stop: (() => void) | undefined;

  const beat = () => {
    const spoken = party.nextFrame();
    const far = other;
    far?.hear(spoken);
    party.hear(far?.nextFrame() ?? silentFrame);
  };

  return {
    open() {
      stop ??= everyFrame(beat);
    },
    connect(next) {
      other = next;
      return () => {
        if (other === next) other = undefined;
      };
    },
    close() {
      stop?.();
      stop = () => undefined;
      other = undefined;
    },
  };
}

/** A process that stood still for longer than this (a closed laptop) does not make up for what it missed. */
const catchUpMsMax = 1_000;

/** A schedule without drift: a late beat makes up for those it missed. @returns ends it. */
export function everyFrame(beat: () => void): () => void {
  let nextAtMs = performance.now() + frameMs;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const run = () => {
    const nowMs = performance.now();
    if (nowMs - nextAtMs > catchUpMsMax) nextAtMs = nowMs;
    for (; nextAtMs <= nowMs && !stopped; nextAtMs += frameMs) beat();
    if (!stopped) timer = setTimeout(run, Math.max(0, nextAtMs - performance.now()));
  };
  timer = setTimeout(run, frameMs);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
