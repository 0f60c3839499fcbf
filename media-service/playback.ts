/**
 * What the caller hears: tracks played one after the other, a little ahead of the ear, with a mark behind each
 * slice, so that we know at any moment which words were heard.
 */
import { bytesPerMs } from '#core/audio/mulaw.ts';
import type { TurnId } from '#core/ids.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { MediaStream } from '#core/ports/media-stream.ts';
import {
  type AudioKind,
  createTrack,
  type HeardWords,
  type PlayableTrack,
  type Track,
} from './playback-track.ts';

/** Audio per message to the phone side: a fifth of the messages of 20 ms frames, still fine enough to stop. */
const sliceMs = 100;
/** A mark this late will not come: the audio before it counts as heard. */
const markPatienceMs = 2_000;
/** Audio kept behind the ear, to resume a word from its beginning. */
const keptBehindMs = 3_000;

export interface PlaybackListener {
  /** The first audio of this kind of a turn went to the phone side. */
  onStarted(turn: TurnId, kind: AudioKind): void;
  /** A track is over: heard to its end, or silenced (`interrupted`). */
  onEnded(turn: TurnId, heard: HeardWords, interrupted: boolean): void;
}

export interface Playback {
  /** Queues a new turn behind what is playing. */
  add(turn: TurnId): Track;
  /** A track that waits to be allowed: see `admit`. */
  prepare(turn: TurnId): Track;
  /** Queues a prepared track. */
  admit(track: Track): void;
  /** Stops at once; what is not heard stays. Idempotent. */
  hold(): void;
  /** Goes on at the word where it was held. Idempotent. */
  resume(): void;
  /** Stops at once and drops everything not heard. */
  silence(): void;
  onMark(name: string): void;
  /** Milliseconds of audio the caller has not heard yet, as far as it is made. */
  remainingMs(): number;
}

interface Queued {
  readonly track: PlayableTrack;
  /** Position of its first byte in everything ever played. */
  readonly startByte: number;
  readonly started: Set<AudioKind>;
}

export function createPlayback(options: {
  readonly stream: MediaStream;
  readonly clock: Clock;
  readonly leadMs: number;
  readonly listener: PlaybackListener;
}): Playback {
  const { stream, clock, leadMs, listener } = options;
  const queue: Queued[] = [];
  const prepared = new Map<Track, PlayableTrack>();
  let sentBytes = 0;
  let markedBytes = 0;
  /** When the phone side will have played all it was sent. */
  let emptyAtMs = 0;
  let held = false;
  let epoch = 0;
  let slices = 0;
  const marks = new Map<string, number>();
  let cancelPump: (() => void) | undefined;

  const pendingMs = () => Math.max(0, emptyAtMs - clock.nowMs());
  const heardBytes = () => Math.min(sentBytes, Math.max(markedBytes, sentBytes - pendingMs() * bytesPerMs));

  const send = (queued: Queued, bytes: number): boolean => {
    const slice = queued.track.slice(sentBytes - queued.startByte, bytes);
    if (!slice) return false;
    stream.play(slice.audio);
    emptyAtMs = Math.max(emptyAtMs, clock.nowMs()) + slice.audio.length / bytesPerMs;
    sentBytes += slice.audio.length;
    slices += 1;
    const name = `${queued.track.turn}:${epoch}:${slices}`;
    marks.set(name, sentBytes);
    stream.mark(name);
    if (!queued.started.has(slice.kind)) {
      queued.started.add(slice.kind);
      listener.onStarted(queued.track.turn, slice.kind);
    }
    return true;
  };

  /** The track whose audio is to be sent next: the first one not yet sent to its end. */
  const sending = (): Queued | undefined =>
    queue.find(({ track, startByte }) => !track.isComplete || sentBytes < startByte + track.lengthBytes);

  const scheduleIn = (ms: number) => {
    cancelPump?.();
    cancelPump = clock.setTimer(Math.max(0, ms), () => {
      cancelPump = undefined;
      pump();
    });
  };

  const endHeardTracks = () => {
    const heard = markedBytes;
    for (let first = queue[0]; first; first = queue[0]) {
      const { track, startByte } = first;
      if (!track.isComplete || heard < startByte + track.lengthBytes) {
        track.forget(heard - startByte - keptBehindMs * bytesPerMs);
        return;
      }
      queue.shift();
      listener.onEnded(track.turn, track.heardWords(track.lengthBytes), false);
    }
  };

  const pump = () => {
    if (held) return;
    for (let next = sending(); next && pendingMs() < leadMs; next = sending()) {
      if (!send(next, sliceMs * bytesPerMs)) break;
    }
    endHeardTracks();
    if (queue.length === 0) return;
    const next = sending();
    const more = next !== undefined && next.track.lengthBytes > sentBytes - next.startByte;
    if (more) scheduleIn(pendingMs() - leadMs + sliceMs);
    else if (markedBytes < sentBytes) scheduleMarkWatch();
  };

  const scheduleMarkWatch = () => {
    cancelPump?.();
    cancelPump = clock.setTimer(pendingMs() + markPatienceMs, () => {
      cancelPump = undefined;
      markedBytes = sentBytes;
      marks.clear();
      pump();
    });
  };

  const enqueue = (track: PlayableTrack) => {
    const last = queue.at(-1);
    // Tracks follow each other without a gap; an unfinished one before it is completed by being followed.
    if (last && !last.track.isComplete) last.track.complete();
    queue.push({
      track,
      startByte: last ? last.startByte + last.track.lengthBytes : sentBytes,
      started: new Set(),
    });
    pump();
  };

  const stop = () => {
    const heard = heardBytes();
    cancelPump?.();
    cancelPump = undefined;
    epoch += 1;
    marks.clear();
    if (sentBytes > heard || markedBytes < sentBytes) stream.clear();
    markedBytes = heard;
    emptyAtMs = clock.nowMs();
    return heard;
  };

  const newTrack = (turn: TurnId) => createTrack(turn, () => pump());

  return {
    add(turn) {
      const track = newTrack(turn);
      enqueue(track);
      return track;
    },
    prepare(turn) {
      const track = newTrack(turn);
      prepared.set(track, track);
      return track;
    },
    admit(track) {
      const playable = prepared.get(track);
      prepared.delete(track);
      if (playable) enqueue(playable);
    },
    hold() {
      if (held) return;
      held = true;
      const heard = stop();
      const current =
        queue.find(({ track, startByte }) => heard < startByte + track.lengthBytes) ?? queue.at(-1);
      sentBytes = current ? current.startByte + current.track.wordStart(heard - current.startByte) : heard;
      markedBytes = sentBytes;
    },
    resume() {
      if (!held) return;
      held = false;
      pump();
    },
    silence() {
      const heard = held ? sentBytes : stop();
      held = false;
      prepared.clear();
      const dropped = queue.splice(0);
      sentBytes = heard;
      markedBytes = heard;
      for (const { track, startByte } of dropped)
        listener.onEnded(track.turn, track.heardWords(Math.max(0, heard - startByte)), true);
    },
    onMark(name) {
      const end = marks.get(name);
      if (end === undefined) return;
      marks.delete(name);
      markedBytes = Math.max(markedBytes, end);
      if (!held) pump();
    },
    remainingMs() {
      const last = queue.at(-1);
      return last ? Math.max(0, last.startByte + last.track.lengthBytes - heardBytes()) / bytesPerMs : 0;
    },
  };
}
