/** The daemon's own side: starts its service, tells where it is, and ends when nobody holds it any more. */
import net from 'node:net';
import {
  type DaemonRecord,
  daemonFile,
  readDaemonFile,
  removeOwnFile,
  writeJsonFile,
} from './daemon-file.ts';
import { createDeadline } from './deadline.ts';
import { releaseWord } from './lease.ts';

/** How long a daemon waits for a client that was killed to come back: the database stays open meanwhile. */
export const daemonIdleMs = 4_000;

export interface DaemonService {
  readonly addresses: Readonly<Record<string, string>>;
  /** Writes what is pending and frees every port. */
  close(): Promise<void>;
}

export interface DaemonStart {
  readonly dataDir: string;
  /** Addresses of the daemon before this one; taking them again spares its clients a restart. */
  readonly previousAddresses: Readonly<Record<string, string>>;
}

/** What the starter is told over the process channel. */
export type StartReport = { readonly ready: true } | { readonly ready: false; readonly problem: string };

/** Runs until nobody holds the daemon; call it once, as the whole work of a script started by `joinDaemon`. */
export async function runDaemon(
  name: string,
  start: (context: DaemonStart) => Promise<DaemonService>,
): Promise<void> {
  const dataDir = process.env['DAEMON_DATA_DIR'] ?? '.local';
  const idleMs = Number(process.env['DAEMON_IDLE_MS'] ?? daemonIdleMs);
  const fingerprint = process.env['DAEMON_FINGERPRINT'] ?? '';
  const file = daemonFile(dataDir, name);
  try {
    const service = await start({ dataDir, previousAddresses: readDaemonFile(file)?.addresses ?? {} });
    const identity = { name, pid: process.pid, fingerprint, addresses: { ...service.addresses } };
    const leases = await serveLeases({ identity, idleMs, onUnused: () => end() });
    const end = async () => {
      await service.close().catch(reportToLog);
      removeOwnFile(file, process.pid);
      // Its clients hold their connections until now, and so know that everything is written.
      process.exit(0);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => leases.stop());
    writeJsonFile(file, { ...identity, leasePort: leases.port });
    report({ ready: true });
  } catch (error) {
    report({ ready: false, problem: error instanceof Error ? error.message : String(error) });
    reportToLog(error);
    process.exit(1);
  }
}

function report(outcome: StartReport): void {
  // The starter may be gone already; then the lease timer ends this process.
  if (process.connected) process.send?.(outcome, () => process.connected && process.disconnect());
}

function reportToLog(error: unknown): void {
  console.error(error);
}

interface LeaseServer {
  readonly port: number;
  /** Ends the daemon as if nobody held it. */
  stop(): void;
}

interface LeaseServerOptions {
  readonly identity: Omit<DaemonRecord, 'leasePort'>;
  readonly idleMs: number;
  readonly onUnused: () => Promise<void>;
}

async function serveLeases({ identity, idleMs, onUnused }: LeaseServerOptions): Promise<LeaseServer> {
  const holders = new Set<net.Socket>();
  let ending = false;
  const stop = () => {
    if (ending) return;
    ending = true;
    idle.clear();
    void onUnused();
  };
  const idle = createDeadline(idleMs, stop);

  const letGo = (socket: net.Socket, released: boolean) => {
    if (!holders.delete(socket)) return;
    if (holders.size > 0) return void socket.destroy();
    if (released) stop();
    else idle.restart();
  };

  const server = net.createServer((socket) => {
    if (ending) return void socket.destroy();
    holders.add(socket);
    idle.clear();
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on('close', () => letGo(socket, false));
    socket.on('data', (text: string) => {
      if (text.includes(releaseWord)) letGo(socket, true);
    });
    return socket.write(`${JSON.stringify({ ...identity, leasePort: portOf(server) })}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  idle.restart();
  return {
    port: portOf(server),
    stop,
  };
}

const portOf = (server: net.Server): number => (server.address() as net.AddressInfo).port;
