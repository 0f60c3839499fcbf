/**
 * Helpers that several processes of one stack share, started by whoever needs one first.
 * A daemon lives as long as somebody holds a lease on it, and a few seconds more.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CancelledError } from '#core/errors.ts';
import { type DaemonRecord, daemonFile, isAlive, readDaemonFile } from './daemon-file.ts';
import { type Lease, takeLease } from './lease.ts';
import type { StartReport } from './run-daemon.ts';
import { takeStartLock } from './start-lock.ts';

/** From nothing to ready on a busy machine; also covers waiting for one that is closing. */
const joinTimeoutMs = 30_000;
/** One start: synthesis loads tens of megabytes. */
const startTimeoutMs = 20_000;
const pollMs = 40;
/** A start may fail because the daemon before it still holds its files. */
const startAttemptsMax = 3;
const betweenAttemptsMs = 500;
/** A daemon that refuses leases ends within seconds; one seen refusing for longer is another process of that id. */
const closingMaxMs = 8_000;

export interface JoinOptions {
  /** Also the name of its file and its log under `$DATA_DIR/daemons`. */
  readonly name: string;
  /** Absolute path of a script that calls `runDaemon`. */
  readonly script: string;
  readonly dataDir: string;
  /** What the daemon is started with, beside the process environment; clients with other values cannot share it. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Tests wait less. Milliseconds. */
  readonly timeoutMs?: number;
}

export interface JoinedDaemon {
  readonly info: DaemonRecord;
  /** Resolves when the daemon is gone although it was not released: it died. */
  readonly lost: Promise<void>;
  /** Lets go; resolves when the daemon knows, and has ended if this was its last client. */
  release(): Promise<void>;
}

/** Takes a lease on the daemon, starting it if need be. Throws `Error` with the reason when it cannot be had. */
export async function joinDaemon(options: JoinOptions): Promise<JoinedDaemon> {
  const deadlineMs = performance.now() + (options.timeoutMs ?? joinTimeoutMs);
  const find = createFinder(options);
  let attempts = 0;
  let obstacle = 'it did not become ready';
  while (performance.now() < deadlineMs && attempts < startAttemptsMax) {
    if (options.signal?.aborted) throw new CancelledError();
    let found = await find();
    if ('absent' in found) found = await startUnlessStarting(options, find);
    if ('lease' in found) return hold(found.lease);
    if ('wait' in found) obstacle = found.wait;
    if ('failed' in found) {
      obstacle = found.failed;
      attempts += 1;
    }
    await pause('failed' in found ? betweenAttemptsMs : pollMs, options.signal);
  }
  throw new Error(
    `The ${options.name} process could not be joined: ${obstacle}. Its log: ${logFile(options.dataDir, options.name)}`,
  );
}

function hold(lease: Lease): JoinedDaemon {
  let released = false;
  return {
    info: lease.record,
    lost: new Promise((resolve) => {
      void lease.closed.then(() => {
        if (!released) resolve();
      });
    }),
    async release() {
      released = true;
      await lease.release();
    },
  };
}

type Found =
  | { readonly lease: Lease }
  | { readonly wait: string }
  | { readonly absent: true }
  | { readonly failed: string };

/** Looks for a running daemon; remembers since when one has been closing. */
function createFinder({ name, dataDir, env }: JoinOptions): () => Promise<Found> {
  let closing: { readonly pid: number; readonly sinceMs: number } | undefined;

  const isClosing = (pid: number) => {
    if (!isAlive(pid)) return false;
    if (closing?.pid !== pid) closing = { pid, sinceMs: performance.now() };
    return performance.now() - closing.sinceMs < closingMaxMs;
  };

  return async () => {
    const record = readDaemonFile(daemonFile(dataDir, name));
    if (record === undefined) return { absent: true };
    const lease = await takeLease(record);
    if (lease === 'nobody') return { absent: true };
    if (lease === 'unwilling') {
      return isClosing(record.pid) ? { wait: 'the one before it is still closing' } : { absent: true };
    }
    if (lease.record.fingerprint === fingerprintOf(env)) return { lease };
    await lease.release();
    return {
      wait: 'it runs with other settings for another process; stop that one, or use another DATA_DIR',
    };
  };
}

async function startUnlessStarting(options: JoinOptions, find: () => Promise<Found>): Promise<Found> {
  const giveBack = takeStartLock(`${daemonFile(options.dataDir, options.name)}.lock`);
  if (giveBack === undefined) return { wait: 'another process is starting it' };
  try {
    // Another process may have started it between our look and our lock.
    const found = await find();
    if (!('absent' in found)) return found;
    const report = await startDaemon(options);
    return report.ready ? await find() : { failed: report.problem };
  } finally {
    giveBack();
  }
}

function startDaemon({ name, script, dataDir, env }: JoinOptions): Promise<StartReport> {
  mkdirSync(path.join(dataDir, 'daemons'), { recursive: true });
  const log = openSync(logFile(dataDir, name), 'w');
  const child = spawn(process.execPath, [script], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...process.env, ...env, DAEMON_DATA_DIR: dataDir, DAEMON_FINGERPRINT: fingerprintOf(env) },
  });
  closeSync(log);
  return new Promise((resolve) => {
    const finish = (report: StartReport) => {
      clearTimeout(timer);
      child.removeAllListeners();
      if (child.connected) child.disconnect();
      child.unref();
      resolve(report);
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      finish({ ready: false, problem: `it was not ready after ${startTimeoutMs} ms` });
    }, startTimeoutMs);
    child.once('message', (report) => finish(report as StartReport));
    child.once('error', (error) => finish({ ready: false, problem: error.message }));
    child.once('exit', (code) =>
      finish({ ready: false, problem: explainExit(code, logFile(dataDir, name)) }),
    );
  });
}

/** The first line of its log that names an error says more than its exit code. */
function explainExit(code: number | null, log: string): string {
  const reason = readFileSync(log, 'utf8').match(/^\w*Error\b.*: .*$/m)?.[0];
  return reason === undefined ? `it ended with code ${code}` : `it ended with "${reason.trim()}"`;
}

const logFile = (dataDir: string, name: string) => path.join(dataDir, 'daemons', `${name}.log`);

function fingerprintOf(env: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16);
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    throw new CancelledError();
  }
}
