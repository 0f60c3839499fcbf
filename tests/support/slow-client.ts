/** A client that sends its request a byte at a time and never ends it. */
import { connect } from 'node:net';

export interface SlowClient {
  /** The status that was answered before the connection was cut, if any. Resolves when the server has cut it. */
  readonly cut: Promise<number | undefined>;
  stop(): void;
}

const everyMs = 20;

/**
 * @param opening sent at once
 * @param drop sent again and again; undefined sends nothing more
 */
export function startSlowClient(port: number, opening: string, drop?: string): SlowClient {
  // It keeps its own side open, as an attacker does.
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  if (opening !== '') socket.write(opening);
  const dripping =
    drop === undefined ? undefined : setInterval(() => socket.writable && socket.write(drop), everyMs);
  let text = '';
  socket.on('data', (part: Buffer) => {
    text += part.toString('latin1');
  });
  const cut = new Promise<number | undefined>((resolve) => {
    const end = () => {
      clearInterval(dripping);
      socket.destroy();
      const [, status] = /^HTTP\/1\.1 (\d+)/.exec(text) ?? [];
      resolve(status === undefined ? undefined : Number(status));
    };
    socket.on('error', end);
    // With the other side only half closed a write would still be taken: what counts is that it is refused.
    if (drop === undefined) socket.on('end', end);
    socket.on('close', end);
  });
  return { cut, stop: () => void socket.destroy() };
}
