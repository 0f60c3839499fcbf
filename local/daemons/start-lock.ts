/** One starter at a time: an exclusive file that a starter which died does not block for ever. */
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAlive } from './daemon-file.ts';

/** Longer than any start may take; an older lock belongs to a process id that was given to somebody else. */
const lockAgeMaxMs = 60_000;

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';
const isTaken = (error: unknown) => (error as NodeJS.ErrnoException).code === 'EEXIST';

/** @returns gives the lock back, or undefined when another process that is alive holds it. */
export function takeStartLock(file: string): (() => void) | undefined {
  mkdirSync(path.dirname(file), { recursive: true });
  const content = `${process.pid} ${randomUUID()}`;
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, content);
  try {
    removeDeadLock(file);
    linkSync(draft, file);
  } catch (error) {
    if (isTaken(error)) return undefined;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (readLock(file) === content) rmSync(file, { force: true });
  };
}

function readLock(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Moves the lock away before it is judged for good, so that two processes cannot both remove it. */
function removeDeadLock(file: string): void {
  const seen = readLock(file);
  if (seen === undefined || !isDead(file, seen)) return;
  const moved = `${file}.${randomUUID()}`;
  try {
    renameSync(file, moved);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  const living = readLock(moved) !== seen;
  try {
    if (living) linkSync(moved, file);
  } catch (error) {
    if (!isTaken(error)) throw error;
  } finally {
    rmSync(moved, { force: true });
  }
}

function isDead(file: string, content: string): boolean {
  const pid = Number.parseInt(content, 10);
  if (!Number.isInteger(pid) || !isAlive(pid)) return true;
  const writtenAtMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return writtenAtMs !== undefined && Date.now() - writtenAtMs > lockAgeMaxMs;
}
