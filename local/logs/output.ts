/**
 * Where the lines of a local stack go: JSON lines on standard output, or readable ones when it is a terminal, and in
 * either case as JSON into the log file.
 */
import { createLineSplitter } from './line-splitter.ts';
import { type LogFile, openLogFile } from './log-file.ts';
import { readableLine } from './pretty.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;
/** @param msg static text in the form `area.what-happened`. */
export type Log = (level: Level, msg: string, fields?: Fields) => void;

export interface Output {
  readonly log: Log;
  /** A line that another process of the stack wrote. */
  relay(source: string, line: string): void;
  /** A line that a person does not need on a terminal, because `tell` says the same. */
  readonly note: Log;
  /** Text for a person on a terminal only; nothing where the output is read by a machine. */
  tell(text: string): void;
  flush(): void;
}

export interface OutputOptions {
  /** Which process speaks. */
  readonly source: string;
  readonly file?: LogFile;
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
}

export function createOutput({ source, file, write, isTerminal }: OutputOptions): Output {
  const colours = isTerminal && !process.env['NO_COLOR'];

  const relay = (from: string, line: string) => {
    if (line.startsWith('{')) file?.append(line);
    const shown = isTerminal ? readableLine(line, { source: from, colours, now: new Date() }) : line;
    if (shown !== undefined) write(`${shown}\n`);
  };
  const compose: (...of: Parameters<Log>) => string = (level, msg, fields) =>
    JSON.stringify({ level, msg, time: new Date().toISOString(), service: `local-${source}`, ...fields });
  return {
    log: (level, msg, fields) => relay(source, compose(level, msg, fields)),
    note(level, msg, fields) {
      const line = compose(level, msg, fields);
      if (isTerminal) file?.append(line);
      else relay(source, line);
    },
    relay,
    tell(text) {
      if (isTerminal) write(`${text}\n`);
    },
    flush() {
      file?.flush();
    },
  };
}

/**
 * The output of a process of the stack. Started alone, everything it writes to standard output goes through it, so
 * that it looks and is kept as under `npm start`; started by `npm start`, which reads its lines, they stay as they are.
 */
export function takeStandardOutput(source: string, dataDir: string): Output {
  const plain = process.stdout.write.bind(process.stdout);
  const write = (text: string) => void plain(text);
  if (process.send !== undefined) return createOutput({ source, write, isTerminal: false });
  const file = openLogFile(dataDir);
  const output = createOutput({ source, file, write, isTerminal: process.stdout.isTTY === true });
  const lines = createLineSplitter((line) => output.relay(source, line));
  const intercept = (
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    done?: (error?: Error | null) => void,
  ): boolean => {
    lines.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    (typeof encoding === 'function' ? encoding : done)?.();
    return true;
  };
  process.stdout.write = intercept as typeof process.stdout.write;
  process.once('exit', () => {
    lines.flush();
    output.flush();
  });
  return output;
}
