/** A JSON log line as a person reads it on a terminal. */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

const levelStyles: Record<string, Style> = { debug: 'gray', info: 'green', warn: 'yellow', error: 'red' };
/** Shown in front, or the same on every line. */
const shownElsewhere = new Set(['level', 'msg', 'time', 'timestamp', 'service', 'stage', 'version']);

export interface PrettyOptions {
  /** Marks which process the line is from. */
  readonly source: string;
  readonly colours: boolean;
  readonly now: Date;
}

/** @returns one line without its end; a line that is no log line comes back as it is; undefined for metrics. */
export function prettyLine(line: string, options: PrettyOptions): string | undefined {
  const paint = (style: Style, text: string) =>
    options.colours ? styleText(style, text, { validateStream: false }) : text;
  const fields = parseLine(line);
  if (fields === undefined) return `${paint('gray', options.source.padEnd(8))} ${line}`;
  if ('_aws' in fields) return undefined;
  const level = String(fields['level'] ?? 'info');
  const details = Object.entries(fields)
    .filter(([name, value]) => !shownElsewhere.has(name) && value !== undefined)
    .map(([name, value]) => `${paint('gray', `${name}=`)}${compact(value)}`);
  const at = timeOfDay(fields['time'] ?? fields['timestamp'], options.now);
  return [
    paint('gray', at),
    paint(levelStyles[level] ?? 'green', level.padEnd(5)),
    paint('gray', options.source.padEnd(8)),
    paint('bold', String(fields['msg'] ?? '')),
    ...details,
  ].join(' ');
}

function parseLine(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

const compact = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

function timeOfDay(value: unknown, now: Date): string {
  const at = typeof value === 'string' || typeof value === 'number' ? new Date(value) : now;
  return (Number.isNaN(at.getTime()) ? now : at).toTimeString().slice(0, 8);
}
