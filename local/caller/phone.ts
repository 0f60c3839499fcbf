/** A simulated phone: dials through the exchange, speaks, hears, and waits on the clock of the call. */
import { WebSocket } from 'ws';
import * as z from 'zod';
import { bytesPerMs, frameMs } from '#core/audio/mulaw.ts';
import type { CallLedger } from '../twilio/ledger.ts';
import type { PhoneEvent } from '../twilio/phone-line.ts';
import { createEar, type Ear } from './ear.ts';

export interface Ended {
  readonly status: string;
  readonly ledger: CallLedger;
}

/** When an utterance was on the line. */
export interface Spoken {
  readonly startMs: number;
  readonly endMs: number;
}

export interface Phone {
  callSid(): string | undefined;
  isOver(): boolean;
  /** Milliseconds since dialling; from the answer on counted in frames heard, so that it is the caller's own time. */
  nowMs(): number;
  /** Undefined until somebody answers. The recording begins here. */
  answeredAtMs(): number | undefined;
  readonly ear: Ear;
  /** Everything heard since the answer, µ-law; empty when it was not kept. */
  heard(): Uint8Array;
  /** Resolves when it was spoken to its end, or the call is over. @param audio whole frames of µ-law. */
  speak(audio: Uint8Array): Promise<Spoken>;
  dtmf(digit: string): void;
  hangUp(): void;
  /** Resolves with true as soon as the condition holds, false when the time is over or the call is. */
  until(condition: () => boolean, limitMs: number): Promise<boolean>;
  /** Rejects when the exchange goes away or refuses the call. */
  readonly ended: Promise<Ended>;
  /** Leaves, which hangs up. */
  close(): void;
}

export interface DialOptions {
  readonly phoneUrl: string;
  readonly voiceUrl: string;
  readonly from: string;
  readonly to: string;
  readonly statusCallback?: string | undefined;
  /** Laid over the parameters of every webhook. */
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly keepAudio: boolean;
  readonly onEvent: (event: PhoneEvent, atMs: number) => void;
}

const connectTimeoutMs = 5_000;

const eventSchema = z.looseObject({ type: z.string() });

/** What changes while the call goes on. */
interface State {
  callSid: string | undefined;
  answeredAtMs: number | undefined;
  framesHeard: number;
  speakingSinceMs: number;
  quietAtMs: number | undefined;
  over: boolean;
}

/** Rejects when the exchange cannot be reached. */
export async function dial(options: DialOptions): Promise<Phone> {
  const socket = await connect(options.phoneUrl);
  const state: State = {
    callSid: undefined,
    answeredAtMs: undefined,
    framesHeard: 0,
    speakingSinceMs: 0,
    quietAtMs: undefined,
    over: false,
  };
  const dialledAtMs = performance.now();
  const nowMs = () =>
    state.answeredAtMs === undefined
      ? performance.now() - dialledAtMs
      : state.answeredAtMs + state.framesHeard * frameMs;
  const heard: Uint8Array[] = [];
  const ear = createEar();
  const waiters = createWaiters();
  const ended = Promise.withResolvers<Ended>();
  ended.promise.catch(() => undefined);
  const finish = (outcome: Ended | Error) => {
    state.over = true;
    if (outcome instanceof Error) ended.reject(outcome);
    else ended.resolve(outcome);
    socket.close();
    waiters.check();
  };
  const onEvent = (event: PhoneEvent, atMs: number) => {
    applyEvent(state, event, atMs);
    if (event.type === 'said') ear.imagine(atMs, event.durationMs);
    options.onEvent(event, atMs);
    if (event.type === 'ended') finish({ status: event.status, ledger: event.ledger as CallLedger });
    if (event.type === 'refused') finish(new Error(`The simulated Twilio refused: ${event.problem}`));
  };
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (state.over) return;
    const atMs = nowMs();
    if (isBinary) {
      if (options.keepAudio) heard.push(data);
      ear.hear(data, atMs);
      state.framesHeard += 1;
    } else onEvent(eventSchema.parse(JSON.parse(data.toString())) as unknown as PhoneEvent, atMs);
    waiters.check();
  });
  socket.on('close', () => finish(new Error('The simulated Twilio went away')));
  const send = (message: object) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  const { from, to, voiceUrl, statusCallback, params } = options;
  send({ type: 'dial', from, to, voiceUrl, statusCallback, params });
  const until = (condition: () => boolean, limitMs: number) =>
    waiters.wait(condition, () => state.over, limitMs);
  return {
    callSid: () => state.callSid,
    isOver: () => state.over,
    nowMs,
    answeredAtMs: () => state.answeredAtMs,
    ear,
    heard: () => Buffer.concat(heard),
    until,
    async speak(audio) {
      state.quietAtMs = undefined;
      if (socket.readyState === WebSocket.OPEN) socket.send(audio);
      await until(() => state.quietAtMs !== undefined, audio.length / bytesPerMs + speakPatienceMs);
      return { startMs: state.speakingSinceMs, endMs: state.quietAtMs ?? nowMs() };
    },
    dtmf: (digit) => send({ type: 'dtmf', digit }),
    hangUp: () => send({ type: 'hang-up' }),
    ended: ended.promise,
    close: () => finish(new Error('The phone was put away')),
  };
}

/** Beyond the length of an utterance: the phone may still be ringing. */
const speakPatienceMs = 30_000;

async function connect(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: connectTimeoutMs });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', (cause) =>
      reject(new Error(`The simulated Twilio does not answer at ${url}`, { cause })),
    );
  });
  // What follows an error is a close, and that is handled.
  socket.on('error', () => socket.terminate());
  return socket;
}

function applyEvent(state: State, event: PhoneEvent, atMs: number): void {
  if (event.type === 'ringing') state.callSid = event.callSid;
  if (event.type === 'answered') state.answeredAtMs = atMs;
  if (event.type === 'speaking') state.speakingSinceMs = atMs;
  // Its last frame sounds during this beat.
  if (event.type === 'quiet') state.quietAtMs = atMs + frameMs;
}

/** Conditions looked at whenever something was heard or happened. */
function createWaiters() {
  const waiters = new Set<() => void>();
  return {
    check() {
      for (const look of waiters) look();
    },
    wait(condition: () => boolean, isOver: () => boolean, limitMs: number): Promise<boolean> {
      if (condition()) return Promise.resolve(true);
      if (isOver()) return Promise.resolve(false);
      return new Promise((resolve) => {
        const finish = (held: boolean) => {
          clearTimeout(timer);
          waiters.delete(look);
          resolve(held);
        };
        const look = () => {
          if (condition()) finish(true);
          else if (isOver()) finish(false);
        };
        const timer = setTimeout(() => finish(condition()), limitMs);
        waiters.add(look);
      });
    },
  };
}
