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
  /** Forgets a prepared track. */
  discard(track: Track): void;
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

export interface PlaybackOptions {
  readonly stream: MediaStream;
  readonly clock: Clock;
  /** How far ahead of the ear audio is sent. */
  readonly leadMs: number;
  readonly listener: PlaybackListener;
}

interface State extends PlaybackOptions {
  readonly queue: Queued[];
  readonly prepared: Map<Track, PlayableTrack>;
  sentBytes: number;
  markedBytes: number;
  /** When the phone side will have played all it was sent. */
  emptyAtMs: number;
  held: boolean;
  epoch: number;
  slices: number;
  /** Names of marks on their way, with the position that each one proves heard. */
  readonly marks: Map<string, number>;
  cancelPump: () => void;
}

export function createPlayback(options: PlaybackOptions): Playback {
  const state: State = {
    ...options,
    queue: [],
    prepared: new Map(),
    sentBytes: 0,
    markedBytes: 0,
    emptyAtMs: 0,
    held: false,
    epoch: 0,
    slices: 0,
    marks: new Map(),
    cancelPump: () => undefined,
  };
  const newTrack = (turn: TurnId) => createTrack(turn, () => pump(state));
  return {
    add(turn) {
      const track = newTrack(turn);
      enqueue(state, track);
      return track;
    },
    prepare(turn) {
      const track = newTrack(turn);
      state.prepared.set(track, track);
      return track;
    },
    admit(track) {
      const playable = state.prepared.get(track);
      state.prepared.delete(track);
      if (playable) enqueue(state, playable);
    },
    discard: (track) => void state.prepared.delete(track),
    hold: () => hold(state),
    resume() {
      if (!state.held) return;
      state.held = false;
      pump(state);
    },
    silence: () => silence(state),
    onMark: (name) => noteMark(state, name),
    remainingMs() {
      const last = state.queue.at(-1);
      return last ? Math.max(0, endOf(last) - heardBytes(state)) / bytesPerMs : 0;
    },
  };
}

const pendingMs = ({ emptyAtMs, clock }: State) => Math.max(0, emptyAtMs - clock.nowMs());

/** What the ear has had: proved by marks, and between them told by the clock. */
function heardBytes(state: State): number {
  const byClock = state.sentBytes - pendingMs(state) * bytesPerMs;
  return Math.min(state.sentBytes, Math.max(state.markedBytes, byClock));
}

const endOf = ({ track, startByte }: Queued) => startByte + track.lengthBytes;

/** The track whose audio is to be sent next: the first one not yet sent to its end. */
function sending({ queue, sentBytes }: State): Queued | undefined {
  return queue.find((queued) => !queued.track.isComplete || sentBytes < endOf(queued));
}

/** @returns false when the track has nothing to send yet. */
function sendSlice(state: State, { track, startByte, started }: Queued): boolean {
  const slice = track.slice(state.sentBytes - startByte, sliceMs * bytesPerMs);
  if (!slice) return false;
  state.stream.play(slice.audio);
  state.emptyAtMs = Math.max(state.emptyAtMs, state.clock.nowMs()) + slice.audio.length / bytesPerMs;
  state.sentBytes += slice.audio.length;
  state.slices += 1;
  const name = `${track.turn}:${state.epoch}:${state.slices}`;
  state.marks.set(name, state.sentBytes);
  state.stream.mark(name);
  if (!started.has(slice.kind)) {
    started.add(slice.kind);
    state.listener.onStarted(track.turn, slice.kind);
  }
  return true;
}

function schedule(state: State, ms: number, fire: () => void): void {
  state.cancelPump();
  state.cancelPump = state.clock.setTimer(Math.max(0, ms), fire);
}

/** Sends what may be sent now, ends what was heard, and sees to it that it is called again. */
function pump(state: State): void {
  if (state.held) return;
  for (let next = sending(state); next && pendingMs(state) < state.leadMs; next = sending(state))
    if (!sendSlice(state, next)) break;
  endHeardTracks(state);
  const next = sending(state);
  if (next && endOf(next) > state.sentBytes)
    schedule(state, pendingMs(state) - state.leadMs + sliceMs, () => pump(state));
  else if (state.markedBytes < state.sentBytes)
    schedule(state, pendingMs(state) + markPatienceMs, () => trustTheClock(state));
}

/** The marks did not come back in time: what was sent counts as heard. */
function trustTheClock(state: State): void {
  state.markedBytes = state.sentBytes;
  state.marks.clear();
  pump(state);
}

function endHeardTracks(state: State): void {
  for (let first = state.queue[0]; first; first = state.queue[0]) {
    const { track, startByte } = first;
    if (!track.isComplete || state.markedBytes < endOf(first)) {
      track.forget(state.markedBytes - startByte - keptBehindMs * bytesPerMs);
      return;
    }
    state.queue.shift();
    state.listener.onEnded(track.turn, track.heardWords(track.lengthBytes), false);
  }
}

function noteMark(state: State, name: string): void {
  const end = state.marks.get(name);
  if (end === undefined) return;
  state.marks.delete(name);
  state.markedBytes = Math.max(state.markedBytes, end);
  pump(state);
}

/** Tracks follow each other without a gap; an unfinished one is completed by being followed. */
function enqueue(state: State, track: PlayableTrack): void {
  const last = state.queue.at(-1);
  if (last && !last.track.isComplete) last.track.complete();
  state.queue.push({ track, startByte: last ? endOf(last) : state.sentBytes, started: new Set() });
  pump(state);
}

/** Marks of dropped audio come back too: they are forgotten before the audio is dropped. @returns what was heard. */
function stopPlaying(state: State): number {
  const heard = Math.floor(heardBytes(state));
  state.cancelPump();
  state.epoch += 1;
  state.marks.clear();
  if (state.markedBytes < state.sentBytes) state.stream.clear();
  state.emptyAtMs = state.clock.nowMs();
  return heard;
}

function hold(state: State): void {
  if (state.held) return;
  state.held = true;
  const heard = stopPlaying(state);
  const current = state.queue.find((queued) => heard < endOf(queued)) ?? state.queue.at(-1);
  const resumeAt = current ? current.startByte + current.track.wordStart(heard - current.startByte) : heard;
  state.sentBytes = Math.max(resumeAt, state.queue[0]?.startByte ?? 0);
  state.markedBytes = state.sentBytes;
}

function silence(state: State): void {
  const heard = state.held ? state.sentBytes : stopPlaying(state);
  state.held = false;
  state.sentBytes = heard;
  state.markedBytes = heard;
  for (const { track, startByte } of state.queue.splice(0))
    state.listener.onEnded(track.turn, track.heardWords(Math.max(0, heard - startByte)), true);
}
