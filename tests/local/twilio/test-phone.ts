/** A phone that tests hold in their hand: every event and every frame, nothing decided. */
import { WebSocket } from 'ws';
import type { CallLedger } from '#local/twilio/ledger.ts';

export interface PhoneEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface TestPhone {
  readonly events: readonly PhoneEvent[];
  readonly frames: readonly Buffer[];
  send(message: object): void;
  speak(audio: Uint8Array): void;
  next(type: string): Promise<PhoneEvent>;
  /** Resolves when so many frames were heard. */
  heard(frames: number): Promise<void>;
  ended(): Promise<{ readonly status: string; readonly ledger: CallLedger }>;
  close(): void;
}

export async function pickUpPhone(phoneUrl: string): Promise<TestPhone> {
  const socket = new WebSocket(phoneUrl);
  const events: PhoneEvent[] = [];
  const frames: Buffer[] = [];
  const waiting = new Set<() => void>();
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) frames.push(data);
    else events.push(JSON.parse(data.toString()));
    for (const look of waiting) look();
  });
  await new Promise((resolve) => socket.once('open', resolve));
  const when = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const look = () => {
        const found = find();
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const next = (type: string) => when(() => events.find((event) => event.type === type));
  return {
    events,
    frames,
    send: (message) => socket.send(JSON.stringify(message)),
    speak: (audio) => socket.send(audio),
    next,
    heard: async (count) => void (await when(() => (frames.length >= count ? true : undefined))),
    ended: async () => (await next('ended')) as unknown as { status: string; ledger: CallLedger },
    close: () => socket.close(),
  };
}
