/**
 * The wire between the exchange and a simulated phone, a WebSocket on `/_simulated/phone`.
 *
 * Sound is binary µ-law. Towards the phone one message is one frame of 160 bytes, 50 a second from `answered` on: the
 * clock of the call. From the phone a message may hold any number of frames; they are spoken one a beat, with digital
 * silence when there are none. Everything else is a small JSON message.
 */
import type { WebSocket } from 'ws';
import * as z from 'zod';
import { bytesPerMs, frameBytes, silenceByte } from '#core/audio/mulaw.ts';
import { type Party, silentFrame } from './line.ts';

export const phoneMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('dial'),
    from: z.string().max(256),
    to: z.string().max(256),
    /** In place of what the number is set to. */
    voiceUrl: z.url().optional(),
    fallbackUrl: z.url().optional(),
    statusCallback: z.url().optional(),
    /** Laid over the webhook's parameters, such as `StirVerstat` or `ForwardedFrom`. */
    params: z.record(z.string(), z.string()).optional(),
  }),
  /** This phone can be called at a number from now on. */
  z.object({ type: z.literal('register'), number: z.string().max(256) }),
  z.object({ type: z.literal('answer') }),
  z.object({ type: z.literal('decline') }),
  z.object({ type: z.literal('dtmf'), digit: z.string().regex(/^[0-9*#]$/) }),
  z.object({ type: z.literal('hang-up') }),
]);
export type PhoneMessage = z.infer<typeof phoneMessageSchema>;

export type PhoneEvent =
  | { readonly type: 'registered'; readonly number: string }
  /** Somebody calls this phone. */
  | { readonly type: 'incoming'; readonly callSid: string; readonly from: string; readonly to: string }
  /** The call that this phone dialled exists. */
  | { readonly type: 'ringing'; readonly callSid: string }
  | { readonly type: 'answered' }
  /** The first frame the phone gave us is spoken with this beat, and the last one was spoken with this beat. */
  | { readonly type: 'speaking' }
  | { readonly type: 'quiet' }
  | { readonly type: 'stream-started'; readonly streamSid: string }
  | { readonly type: 'stream-ended'; readonly streamSid: string; readonly error?: number }
  | { readonly type: 'said'; readonly text: string; readonly durationMs: number }
  | { readonly type: 'dialling'; readonly number: string }
  | { readonly type: 'bridged'; readonly number: string }
  | { readonly type: 'webhook'; readonly kind: string; readonly status: number; readonly durationMs: number }
  | { readonly type: 'violation'; readonly code: number; readonly problem: string }
  /** `ledger` is the call's, for the phone that dialled. */
  | { readonly type: 'ended'; readonly status: string; readonly ledger?: unknown }
  | { readonly type: 'refused'; readonly problem: string };

/** Speech waiting to be spoken: two minutes. */
const waitingBytesMax = 120_000 * bytesPerMs;

export interface PhoneLine extends Party {
  send(event: PhoneEvent): void;
}

export function createPhoneLine(socket: WebSocket, onMessage: (message: PhoneMessage) => void): PhoneLine {
  const mouth = createMouth();
  const send = (event: PhoneEvent) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(event));
  };
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) {
      if (!mouth.take(data))
        send({ type: 'refused', problem: 'More than two minutes of speech are waiting' });
      return;
    }
    const parsed = phoneMessageSchema.safeParse(readJson(data.toString()));
    if (parsed.success) onMessage(parsed.data);
    else send({ type: 'refused', problem: 'This is not a message of a simulated phone' });
  });
  return {
    send,
    nextFrame() {
      const { frame, began, ended } = mouth.nextFrame();
      if (began) send({ type: 'speaking' });
      if (ended) send({ type: 'quiet' });
      return frame;
    },
    hear(frame) {
      if (socket.readyState === socket.OPEN) socket.send(frame);
    },
  };
}

interface Spoken {
  readonly frame: Uint8Array;
  readonly began: boolean;
  readonly ended: boolean;
}

const nothing: Spoken = { frame: silentFrame, began: false, ended: false };

/** What the phone wants to say, cut into frames. */
function createMouth() {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let speaking = false;
  return {
    /** @returns false when there is no room. */
    take(audio: Uint8Array): boolean {
      if (waitingBytes + audio.length > waitingBytesMax) return false;
      if (audio.length > 0) waiting.push(audio);
      waitingBytes += audio.length;
      return true;
    },
    nextFrame(): Spoken {
      if (waitingBytes === 0) return nothing;
      const frame = new Uint8Array(frameBytes).fill(silenceByte);
      let filled = 0;
      for (let first = waiting[0]; first && filled < frameBytes; first = waiting[0]) {
        const part = first.subarray(0, frameBytes - filled);
        frame.set(part, filled);
        filled += part.length;
        if (part.length < first.length) waiting[0] = first.subarray(part.length);
        else waiting = waiting.slice(1);
      }
      waitingBytes -= filled;
      const began = !speaking;
      speaking = waitingBytes > 0;
      return { frame, began, ended: !speaking };
    },
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
