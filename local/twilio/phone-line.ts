/** The wire between the exchange and a simulated phone: what the caller says, and what they hear. */
import type { WebSocket } from 'ws';
import * as z from 'zod';
import { frameBytes, silenceByte } from '#core/audio/mulaw.ts';

export const phoneMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('dial'),
    from: z.string(),
    to: z.string(),
    /** The number's voice URL. */
    url: z.url(),
    /** The number's status callback. */
    statusCallback: z.url().optional(),
  }),
  z.object({ type: z.literal('dtmf'), digit: z.string().regex(/^[0-9*#]$/) }),
  z.object({ type: z.literal('hang-up') }),
]);
export type PhoneMessage = z.infer<typeof phoneMessageSchema>;

export type PhoneEvent =
  | { readonly type: 'ringing'; readonly callSid: string }
  | { readonly type: 'answered' }
  | { readonly type: 'stream-started'; readonly streamSid: string }
  /** Everything the phone gave us was sent on. */
  | { readonly type: 'quiet' }
  | { readonly type: 'said'; readonly text: string }
  | { readonly type: 'ended'; readonly status: string; readonly ledger: unknown }
  | { readonly type: 'refused'; readonly problem: string };

/** Speech waiting to be sent at its own pace: two minutes. */
const waitingBytesMax = 120 * 8000;

export interface PhoneLine {
  send(event: PhoneEvent): void;
  /** The next 20 ms of the caller, silence when they say nothing. */
  nextFrame(): Uint8Array;
  /** 20 ms in the caller's ear. */
  play(frame: Uint8Array): void;
}

export function createPhoneLine(socket: WebSocket, onMessage: (message: PhoneMessage) => void): PhoneLine {
  let waiting = new Uint8Array(0);
  let speaking = false;
  const send = (event: PhoneEvent) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(event));
  };
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) {
      if (waiting.length + data.length > waitingBytesMax)
        return send({ type: 'refused', problem: 'More speech than two minutes is waiting' });
      waiting = Buffer.concat([waiting, data]);
      speaking = true;
      return;
    }
    const parsed = phoneMessageSchema.safeParse(readJson(data.toString()));
    if (parsed.success) onMessage(parsed.data);
    else send({ type: 'refused', problem: 'Not a message of a simulated phone' });
  });
  return {
    send,
    nextFrame() {
      const frame = new Uint8Array(frameBytes).fill(silenceByte);
      frame.set(waiting.subarray(0, frameBytes));
      waiting = waiting.subarray(frameBytes);
      if (speaking && waiting.length === 0) {
        speaking = false;
        send({ type: 'quiet' });
      }
      return frame;
    },
    play(frame) {
      if (socket.readyState === socket.OPEN) socket.send(frame);
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
