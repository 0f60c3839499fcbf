import { bytesPerMs, type MulawAudio, silence } from '#core/audio/mulaw.ts';
import { createAudioTape } from './audio-tape.ts';

/** Least new audio in a commit; the vendor refuses one of under about 300 ms, so a short word is padded. */
const commitAudioMsMin = 320;
/** Largest chunk when catching up after a connection; the vendor's usual chunk is 100 to 250 ms. */
const catchUpChunkMs = 250;
/** Silence sent to keep an idle session open. */
const keepAliveMs = 100;

const noAudio: MulawAudio = new Uint8Array(0);

/** @returns whether the connection took it. */
export type SendChunk = (audio: MulawAudio, commit: boolean) => boolean;

interface PendingCommit {
  /** The tape position up to which the caller's audio belongs to this commit. */
  readonly position: number;
  /** Nothing was said since the commit before: it is answered without asking. */
  readonly empty: boolean;
  /** On how many connections it was sent. */
  sends: number;
  sentHere: boolean;
}

/**
 * The caller's audio and the commits in it, in order, on their way to a recogniser whose connection comes and goes.
 * What no answered commit covers is kept, and sent again on the next connection.
 */
export interface UtteranceOutbox {
  write(audio: MulawAudio): void;
  commit(): void;
  /** A connection is ready: sends everything kept, with the commits at their places. */
  attach(send: SendChunk): void;
  detach(): void;
  /** The first pending commit, if any. */
  head(): { readonly empty: boolean; readonly sends: number } | undefined;
  /** The first pending commit was answered: its audio is forgotten. */
  answered(): void;
  /** Commits again after a refusal for too little audio, with that much more silence. */
  commitAgain(): void;
  /** The recogniser committed by itself: what was sent is forgotten, but for the last `marginMs`. */
  forgetSent(marginMs: number): void;
  /** Keeps at most the last `ms` for replay. */
  keepLast(ms: number): void;
  /** Sends what is waiting for a full chunk, or else a little silence. */
  keepAlive(): void;
  /** Milliseconds of audio sent on all connections, padding and repetitions included. */
  sentMs(): number;
}

function createWire() {
  let send: SendChunk | undefined;
  let bytesSinceCommit = 0;
  let bytesSent = 0;

  const transmit = (audio: MulawAudio, commit: boolean) => {
    if (!send?.(audio, commit)) return;
    bytesSent += audio.length;
    bytesSinceCommit = commit ? 0 : bytesSinceCommit + audio.length;
  };

  return {
    transmit,
    connected: () => send !== undefined,
    connect(next: SendChunk | undefined) {
      send = next;
      bytesSinceCommit = 0;
    },
    commit() {
      const missingMs = commitAudioMsMin - bytesSinceCommit / bytesPerMs;
      if (missingMs > 0) transmit(silence(missingMs), false);
      transmit(noAudio, true);
    },
    /** What is on its way may be new to the vendor or not: padding a commit needlessly does no harm. */
    committedUnasked() {
      bytesSinceCommit = 0;
    },
    bytesSent: () => bytesSent,
  };
}

/** @param chunkMs live audio is gathered to chunks of this length, to save messages */
export function createUtteranceOutbox(chunkMs: number): UtteranceOutbox {
  const chunkBytes = chunkMs * bytesPerMs;
  const chunkBytesMax = Math.max(chunkMs, catchUpChunkMs) * bytesPerMs;
  const tape = createAudioTape();
  const wire = createWire();
  const commits: PendingCommit[] = [];
  let sentTo = 0;
  let lastCommitAt = 0;

  /** Sends what can be sent. A connection may be lost on the way: then it stops. */
  const pump = () => {
    while (wire.connected()) {
      const next = commits.find((commit) => !commit.sentHere);
      sentTo = Math.max(sentTo, tape.start());
      const available = (next?.position ?? tape.end()) - sentTo;
      if (available >= chunkBytes || (next && available > 0)) {
        const taken = Math.min(available, chunkBytesMax);
        wire.transmit(tape.read(sentTo, sentTo + taken), false);
        sentTo += taken;
      } else if (next) {
        next.sentHere = true;
        next.sends += 1;
        if (!next.empty) wire.commit();
      } else return;
    }
  };

  return {
    write(audio) {
      tape.append(audio);
      pump();
    },
    commit() {
      const position = tape.end();
      commits.push({ position, empty: position === lastCommitAt, sends: 0, sentHere: false });
      lastCommitAt = position;
      pump();
    },
    attach(send) {
      wire.connect(send);
      sentTo = tape.start();
      for (const commit of commits) commit.sentHere = false;
      pump();
    },
    detach: () => wire.connect(undefined),
    head: () => commits[0],
    answered() {
      const answered = commits.shift();
      if (answered) tape.dropBefore(answered.position);
    },
    commitAgain() {
      wire.transmit(silence(commitAudioMsMin), false);
      wire.transmit(noAudio, true);
    },
    forgetSent(marginMs) {
      tape.dropBefore(sentTo - marginMs * bytesPerMs);
      wire.committedUnasked();
    },
    keepLast: (ms) => tape.dropBefore(tape.end() - ms * bytesPerMs),
    keepAlive() {
      const waiting = tape.end() - sentTo;
      if (!wire.connected()) return;
      wire.transmit(waiting > 0 ? tape.read(sentTo, tape.end()) : silence(keepAliveMs), false);
      sentTo = tape.end();
    },
    sentMs: () => wire.bytesSent() / bytesPerMs,
  };
}
