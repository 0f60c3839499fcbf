/** A log line for somebody who sits at a terminal. */
import type { Level } from '#core/ports/telemetry.ts';

export interface LineParts {
  readonly level: Level;
  readonly msg: string;
  readonly at: Date;
  readonly fields: Readonly<Record<string, unknown>>;
}

const escapeStart = '\u001b[';
const colours: Record<Level, string> = { debug: '90', info: '36', warn: '33', error: '31' };
const dim = '2';
/** Wide enough for `error`. */
const levelWidth = 5;

const plainWord = /^[^\s"=]+$/;

function fieldText(value: unknown): string {
  return typeof value === 'string' && plainWord.test(value) ? value : JSON.stringify(value);
}

/**
 * `12:00:01.250 INFO  call.started callSid=CA… role=parent`, the time in UTC as in the JSON lines.
 *
 * @param coloured only where escape sequences are understood.
 */
export function prettyLine({ level, msg, at, fields }: LineParts, coloured: boolean): string {
  const paint = (code: string, text: string) =>
    coloured ? `${escapeStart}${code}m${text}${escapeStart}0m` : text;
  const told = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${paint(dim, `${name}=`)}${fieldText(value)}`);
  return [
    paint(dim, at.toISOString().slice(11, 23)),
    paint(colours[level], level.toUpperCase().padEnd(levelWidth)),
    msg,
    ...told,
  ].join(' ');
}
