/** `$DATA_DIR/logs.jsonl`: what every process of the stack said, in a bounded number of bytes. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';

/** Two files of this size at most: some hundred thousand lines, enough for a day of trying things out. */
export const logFileBytesMax = 16 * 1024 * 1024;
/** Lines wait this long for company: a thousand calls write a thousand lines a second. */
const flushEveryMs = 100;
/** Beyond this they are written at once. */
const pendingCharsMax = 1024 * 1024;

export const logFilePath = (dataDir: string): string => path.join(dataDir, 'logs.jsonl');

export interface LogFile {
  readonly path: string;
  /** Never throws: a full disk must not end a call. */
  append(line: string): void;
  flush(): void;
}

/** Several processes may append to the same file; whoever finds it too large moves it to `logs.1.jsonl`. */
export function openLogFile(dataDir: string, bytesMax = logFileBytesMax): LogFile {
  const file = logFilePath(dataDir);
  const older = path.join(dataDir, 'logs.1.jsonl');
  let pending = '';
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const text = pending;
    pending = '';
    if (text === '') return;
    try {
      mkdirSync(dataDir, { recursive: true });
      const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      if (size > 0 && size + text.length > bytesMax) renameSync(file, older);
      appendFileSync(file, text);
    } catch {
      // Standard output still has the lines.
    }
  };

  return {
    path: file,
    append(line) {
      pending += `${line}\n`;
      if (pending.length > pendingCharsMax) flush();
      else timer ??= setTimeout(flush, flushEveryMs).unref();
    },
    flush,
  };
}
