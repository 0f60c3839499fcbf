/** `Telemetry` as JSON lines, with metrics in CloudWatch's embedded format among them. */
import type { Clock } from '#core/ports/clock.ts';
import type { Level, Telemetry } from '#core/ports/telemetry.ts';
import { createEmbeddedMetrics } from './embedded-metrics.ts';
import { prettyLine } from './pretty-line.ts';
import { redactNumbers } from './redact.ts';

export interface TelemetryOptions {
  /** Which process speaks: `media`, `api`. */
  readonly service: string;
  readonly stage: string;
  readonly version: string;
  /** Takes one line, without its end. What it throws is swallowed. */
  readonly write: (line: string) => void;
  /** Free lines below it are left out. Lines of the contract never are: alarms and bills hang on them. */
  readonly minLevel: Level;
  /** For a person at a terminal; metrics are left out. Default: JSON. */
  readonly pretty?: boolean;
  /** With `pretty`, on a terminal that understands colours. */
  readonly colours?: boolean;
  readonly clock: Clock;
}

/**
 * How long a metric waits for company, at most: well within the minute that CloudWatch resolves. Whoever ends the
 * process calls `flush`, which also ends the timer.
 */
const flushEveryMs = 30_000;

const ranks: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 };

type Fields = Readonly<Record<string, unknown>>;
type Line = Fields & { readonly msg: string };

export function createTelemetry(options: TelemetryOptions): Telemetry {
  const { service, stage, version, write, clock, pretty = false, colours = false } = options;
  let cancelFlush: (() => void) | undefined;

  const compose = (level: Level, msg: string, fields: Fields): string => {
    const at = clock.now();
    if (pretty) return prettyLine({ level, msg, at, fields: redactNumbers(fields) }, colours);
    const start = { level, msg, time: at.toISOString(), service, stage, version };
    try {
      // `level` and `msg` first; a field of the line's own wins over ours of the same name.
      return JSON.stringify({ ...start, ...redactNumbers(fields) });
    } catch {
      // At least it is known which line it was.
      return JSON.stringify({ ...start, unwritable: true });
    }
  };
  const writeLine = (level: Level, { msg, ...fields }: Line) => {
    try {
      write(compose(level, msg, fields));
    } catch {
      // Losing a line is better than losing the call that it is about, and there is nowhere left to say so.
    }
  };

  const flush = () => {
    cancelFlush?.();
    cancelFlush = undefined;
    const event = metrics.take();
    if (event && !pretty) writeLine('info', { msg: 'metrics', ...event });
  };
  const metrics = createEmbeddedMetrics(() => clock.now().getTime(), flush);

  return {
    emit: (level, line) => writeLine(level, { ...line }),
    log(level, line) {
      if (ranks[level] >= ranks[options.minLevel]) writeLine(level, line);
    },
    metric(name, value) {
      cancelFlush ??= clock.setTimer(flushEveryMs, flush);
      metrics.add(name, value);
    },
    flush,
  };
}
