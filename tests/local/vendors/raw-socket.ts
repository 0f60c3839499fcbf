/** A WebSocket client that adds nothing of its own: what is sent is what the test wrote. */
import { once } from 'node:events';
import { WebSocket } from 'ws';

type Message = Record<string, unknown>;

export interface RawSocket {
  send(message: unknown): void;
  sendRaw(data: string | Uint8Array): void;
  /** The next message that fits, also one that came before; those that do not are skipped. */
  next(fits?: (message: Message) => boolean): Promise<Message>;
  /** Everything received so far. */
  readonly received: readonly Message[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  close(): void;
}

/** Rejects with the HTTP status in the message when the upgrade is refused. */
export async function openSocket(url: string, headers: Record<string, string> = {}): Promise<RawSocket> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers });
  const received: Message[] = [];
  const closing = Promise.withResolvers<{ code: number; reason: string }>();
  let read = 0;
  let wake = Promise.withResolvers<void>();
  const stir = () => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  socket.on('message', (data) => {
    received.push(JSON.parse(data.toString()) as Message);
    stir();
  });
  socket.on('close', (code, reason) => {
    closing.resolve({ code, reason: reason.toString() });
    stir();
  });
  await once(socket, 'open');
  socket.on('error', () => undefined);

  return {
    send: (message) => socket.send(JSON.stringify(message)),
    sendRaw: (data) => socket.send(data),
    async next(fits = () => true) {
      for (;;) {
        while (read < received.length) {
          const message = received[read] as Message;
          read += 1;
          if (fits(message)) return message;
        }
        if (socket.readyState === WebSocket.CLOSED)
          throw new Error(`The socket closed; received ${JSON.stringify(received).slice(0, 2_000)}`);
        await wake.promise;
      }
    },
    received,
    closed: closing.promise,
    close: () => socket.close(),
  };
}
