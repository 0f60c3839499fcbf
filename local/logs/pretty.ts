/** A JSON log line as a person reads it on a terminal. */
import { prettyLine } from '#adapters/logging/pretty-line.ts';
import type { Level } from './output.ts';

/** Shown in front, or the same on every line. */
const shownElsewhere = new Set(['level', 'msg', 'time', 'service', 'stage', 'version']);
const levels = new Set(['debug', 'info', 'warn', 'error']);
const sourceWidth = 5;

export interface ReadableOptions {
  /** Which process the line is from. */
  readonly source: string;
  readonly colours: boolean;
  /** For a line that does not tell its time. */
  readonly now: Date;
}

/** @returns one line without its end; a line that is no log line as it is; undefined for metrics. */
export function readableLine(line: string, { source, colours, now }: ReadableOptions): string | undefined {
  const from = source.padEnd(sourceWidth);
  const fields = parseLine(line);
  if (fields === undefined) return `${from} ${line}`;
  if ('_aws' in fields) return undefined;
  const { level, msg, time } = fields;
  const at = typeof time === 'string' ? new Date(time) : now;
  const parts = {
    level: levels.has(String(level)) ? (level as Level) : ('info' as const),
    msg: String(msg ?? ''),
    at: Number.isNaN(at.getTime()) ? now : at,
    fields: Object.fromEntries(Object.entries(fields).filter(([name]) => !shownElsewhere.has(name))),
  };
  return `${from} ${prettyLine(parts, colours)}`;
}

function parseLine(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
