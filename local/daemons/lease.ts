/** A client's hold on a daemon: an open connection, which the operating system closes when the client dies. */
import net from 'node:net';
import { type DaemonRecord, daemonRecordSchema } from './daemon-file.ts';

/** A daemon on the same machine greets within milliseconds; one that is stopped never does. */
const greetingTimeoutMs = 2_000;
/** The greeting is one short line. */
const greetingCharsMax = 16_384;
/** A daemon that this client was the last one of closes its database first. */
const releaseTimeoutMs = 5_000;

export const releaseWord = 'release\n';

export interface Lease {
  readonly record: DaemonRecord;
  /** Resolves when the daemon let go: after the release, or because it died. */
  readonly closed: Promise<void>;
  /** Ends the hold; resolves when the daemon has taken note, and has ended if nobody else holds it. */
  release(): Promise<void>;
}

/** - `nobody`: nothing listens there - `unwilling`: something does, but it is closing, or it is not this daemon */
export type NoLease = 'nobody' | 'unwilling';

export async function takeLease(wanted: DaemonRecord): Promise<Lease | NoLease> {
  const socket = net.connect(wanted.leasePort, '127.0.0.1');
  let connected = false;
  socket.once('connect', () => {
    connected = true;
  });
  const record = await readGreeting(socket);
  if (record?.name === wanted.name && record.pid === wanted.pid) return holdLease(socket, record);
  socket.destroy();
  return connected ? 'unwilling' : 'nobody';
}

function holdLease(socket: net.Socket, record: DaemonRecord): Lease {
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => socket.destroy());
  socket.resume();
  socket.unref();
  // Written at once by the operating system even as the process exits: the daemon need not wait for a return.
  const sayOnExit = () => socket.write(releaseWord);
  process.once('exit', sayOnExit);
  return {
    record,
    closed: closed.finally(() => process.off('exit', sayOnExit)),
    async release() {
      socket.ref();
      socket.setTimeout(releaseTimeoutMs, () => socket.destroy());
      if (!socket.destroyed) socket.write(releaseWord);
      await closed;
    },
  };
}

function readGreeting(socket: net.Socket): Promise<DaemonRecord | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const finish = (record?: DaemonRecord) => {
      socket.removeAllListeners();
      socket.setTimeout(0);
      socket.on('error', () => socket.destroy());
      resolve(record);
    };
    socket.setEncoding('utf8');
    socket.setTimeout(greetingTimeoutMs, () => finish());
    socket.once('error', () => finish());
    socket.once('close', () => finish());
    socket.on('data', (part: string) => {
      text += part;
      if (text.length > greetingCharsMax) return finish();
      if (!text.includes('\n')) return undefined;
      return finish(parseGreeting(text));
    });
  });
}

function parseGreeting(text: string): DaemonRecord | undefined {
  try {
    return daemonRecordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
