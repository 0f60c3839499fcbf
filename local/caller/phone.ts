/** A simulated phone: dials through the exchange, speaks, and listens with an ear for when the other side is done. */
import { WebSocket } from 'ws';
import { decodeMulaw, frameMs } from '#core/audio/mulaw.ts';
import type { CallLedger } from '../twilio/ledger.ts';
import type { PhoneEvent } from '../twilio/phone-line.ts';

export interface Phone {
  readonly callSid: string | undefined;
  /** Milliseconds since the call was dialled. */
  nowMs(): number;
  /** Everything heard since the stream began, µ-law. */
  heard(): Uint8Array;
  /** When a sound was last heard, and since when the present stretch of sound goes on. */
  lastSoundAtMs(): number;
  soundSinceMs(): number | undefined;
  /** Position in `heard` that a moment corresponds to. */
  readonly said: readonly { readonly text: string; readonly atMs: number }[];
  speak(audio: Uint8Array): void;
  dtmf(digit: string): void;
  hangUp(): void;
  readonly ended: Promise<{ readonly status: string; readonly ledger: CallLedger }>;
  readonly isOver: boolean;
  /** Bytes heard so far: the clock of the WAV. */
  heardBytes(): number;
}

/** Louder than line noise, quieter than any speech: −46 dB of full scale. */
const soundRms = 160;
/** A pause this long inside speech is still the same speech. */
const pauseMs = 700;

export interface DialOptions {
  readonly phoneUrl: string;
  readonly voiceUrl: string;
  readonly from: string;
  readonly to: string;
  readonly statusCallback?: string;
  readonly onEvent: (event: PhoneEvent, atMs: number) => void;
}

/** Rejects when the exchange cannot be reached. */
export async function dial(options: DialOptions): Promise<Phone> {
  const socket = new WebSocket(options.phoneUrl, { perMessageDeflate: false });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const startedAt = performance.now();
  const nowMs = () => performance.now() - startedAt;
  const heard: Uint8Array[] = [];
  const said: { text: string; atMs: number }[] = [];
  const ear = createEar();
  const ended = Promise.withResolvers<{ status: string; ledger: CallLedger }>();
  const state = { callSid: undefined as string | undefined, isOver: false };
  socket.on('message', (data: Buffer, isBinary) => {
    const atMs = nowMs();
    if (isBinary) {
      heard.push(data);
      return ear.hear(data, atMs);
    }
    const event = JSON.parse(data.toString()) as PhoneEvent;
    if (event.type === 'ringing') state.callSid = event.callSid;
    if (event.type === 'said') said.push({ text: event.text, atMs });
    if (event.type === 'ended') {
      state.isOver = true;
      ended.resolve({ status: event.status, ledger: event.ledger as CallLedger });
      socket.close();
    }
    return options.onEvent(event, atMs);
  });
  socket.on('close', () => {
    state.isOver = true;
    ended.reject(new Error('The simulated Twilio went away'));
  });
  ended.promise.catch(() => undefined);
  const { from, to, voiceUrl: url, statusCallback } = options;
  socket.send(
    JSON.stringify({
      type: 'dial',
      from,
      to,
      url,
      ...(statusCallback === undefined ? {} : { statusCallback }),
    }),
  );
  return {
    get callSid() {
      return state.callSid;
    },
    get isOver() {
      return state.isOver;
    },
    said,
    nowMs,
    heard: () => Buffer.concat(heard),
    heardBytes: () => heard.length * frameMs * 8,
    lastSoundAtMs: ear.lastSoundAtMs,
    soundSinceMs: ear.soundSinceMs,
    speak: (audio) => socket.send(audio),
    dtmf: (digit) => socket.send(JSON.stringify({ type: 'dtmf', digit })),
    hangUp: () => socket.send(JSON.stringify({ type: 'hang-up' })),
    ended: ended.promise,
  };
}

function createEar() {
  let lastSoundAtMs = 0;
  let sinceMs: number | undefined;
  return {
    hear(frame: Uint8Array, atMs: number) {
      const samples = decodeMulaw(frame);
      let energy = 0;
      for (const sample of samples) energy += sample * sample;
      if (Math.sqrt(energy / samples.length) < soundRms) return;
      if (sinceMs === undefined || atMs - lastSoundAtMs > pauseMs) sinceMs = atMs;
      lastSoundAtMs = atMs;
    },
    lastSoundAtMs: () => lastSoundAtMs,
    soundSinceMs: () => sinceMs,
  };
}
