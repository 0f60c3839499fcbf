/** The file by which a daemon is found: `$DATA_DIR/daemons/<name>.json`. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

export const daemonRecordSchema = z.object({
  name: z.string(),
  pid: z.number().int().positive(),
  /** Clients hold a connection to this port for as long as they need the daemon. */
  leasePort: z.number().int().positive(),
  /** What it was started with; a client that needs other settings cannot share it. */
  fingerprint: z.string(),
  addresses: z.record(z.string(), z.string()),
});
export type DaemonRecord = z.infer<typeof daemonRecordSchema>;

export const daemonFile = (dataDir: string, name: string): string =>
  path.join(dataDir, 'daemons', `${name}.json`);

/** @returns undefined when there is none, or only the torn rest of one. */
export function readDaemonFile(file: string): DaemonRecord | undefined {
  try {
    return daemonRecordSchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Atomic: a reader sees the old content or the new. Readable by the owner only, since some files hold keys. */
export function writeJsonFile(file: string, value: unknown): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}

/** Removes the file if it is still about this process. */
export function removeOwnFile(file: string, pid: number): void {
  if (readDaemonFile(file)?.pid === pid) rmSync(file, { force: true });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
