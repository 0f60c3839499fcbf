/**
 * What a simulated caller does, one step a line; `#` begins a comment line.
 *
 *   wait for reply                        until the assistant has spoken and is silent again
 *   wait for silence                      until the assistant has been silent for a moment (or: wait for silence 3s)
 *   wait 2s                               (or 500ms)
 *   say "I need help."                    \" for a quote, \\ for a backslash
 *   interrupt after 1.2s "Wait, stop."    speaks when the assistant has been speaking for that long
 *   cough 400ms                           a noise without words; "noise 400ms" is the same
 *   dtmf 0                                one key or several: 0-9, *, #
 *   hang up
 */

export type Step =
  | { readonly do: 'say'; readonly text: string }
  | { readonly do: 'interrupt'; readonly afterMs: number; readonly text: string }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'wait-for-reply' }
  /** `ms` of silence in one piece. */
  | { readonly do: 'wait-for-silence'; readonly ms: number }
  | { readonly do: 'cough'; readonly ms: number }
  | { readonly do: 'dtmf'; readonly digits: string }
  | { readonly do: 'hang-up' };

export type ParsedScript =
  | { readonly ok: true; readonly steps: readonly Step[] }
  /** One sentence a problem: the line, what is wrong, how to mend it. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** The assistant is done when it has been silent for this long. */
export const replyOverMs = 700;

/** A script of this many steps is an hour's call. */
const stepsMax = 1_000;
const waitMsMax = 600_000;
const textCharsMax = 2_000;

const duration = /^(\d+(?:\.\d+)?)(ms|s)$/;

function readDuration(text: string): number | undefined {
  const [, amount, unit] = duration.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const ms = Math.round(Number(amount) * (unit === 's' ? 1000 : 1));
  return ms <= waitMsMax ? ms : undefined;
}

/** @returns the text of one quoted piece that is the whole of `text`. */
function readQuoted(text: string): string | undefined {
  const inner = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text)?.[1];
  const words = inner?.replace(/\\(["\\])/g, '$1').trim();
  return words === '' || (words?.length ?? 0) > textCharsMax ? undefined : words;
}

interface Verb {
  readonly pattern: RegExp;
  /** @returns undefined when what follows the verb is wrong. */
  read(rest: string): Step | undefined;
  readonly mend: string;
}

const verbs: readonly Verb[] = [
  {
    pattern: /^say\b\s*/,
    read(rest) {
      const text = readQuoted(rest);
      return text === undefined ? undefined : { do: 'say', text };
    },
    mend: 'write the words in quotes on one line: say "I need help."',
  },
  {
    pattern: /^interrupt\b\s*/,
    read(rest) {
      const [, after = '', quoted = ''] = /^after\s+(\S+)\s+(.*)$/.exec(rest) ?? [];
      const [afterMs, text] = [readDuration(after), readQuoted(quoted)];
      return afterMs === undefined || text === undefined ? undefined : { do: 'interrupt', afterMs, text };
    },
    mend: 'write when and what: interrupt after 1.2s "Wait, stop."',
  },
  {
    pattern: /^wait for reply\b\s*/,
    read: (rest) => (rest === '' ? { do: 'wait-for-reply' } : undefined),
    mend: 'nothing may follow: wait for reply',
  },
  {
    pattern: /^wait for silence\b\s*/,
    read(rest) {
      const ms = rest === '' ? replyOverMs : readDuration(rest);
      return ms === undefined ? undefined : { do: 'wait-for-silence', ms };
    },
    mend: 'write: wait for silence, or with its length: wait for silence 3s',
  },
  {
    pattern: /^wait\b\s*/,
    read(rest) {
      const ms = readDuration(rest);
      return ms === undefined ? undefined : { do: 'wait', ms };
    },
    mend: 'write what to wait for, ten minutes at most: wait 2s, wait 500ms, wait for reply, wait for silence',
  },
  {
    pattern: /^(?:cough|noise)\b\s*/,
    read(rest) {
      const ms = readDuration(rest);
      return ms === undefined || ms === 0 ? undefined : { do: 'cough', ms };
    },
    mend: 'write how long: cough 400ms',
  },
  {
    pattern: /^dtmf\b\s*/,
    read: (rest) => (/^[0-9*#]{1,32}$/.test(rest) ? { do: 'dtmf', digits: rest } : undefined),
    mend: 'write the keys: dtmf 0, or dtmf 12#',
  },
  {
    pattern: /^hang up\b\s*/,
    read: (rest) => (rest === '' ? { do: 'hang-up' } : undefined),
    mend: 'nothing may follow: hang up',
  },
];

const everyStep =
  'write one of: say "…", wait for reply, wait for silence, wait 2s, interrupt after 1.2s "…", cough 400ms, dtmf 0, hang up';

/** A script that does not hang up hangs up at its end. */
export function parseScript(text: string): ParsedScript {
  const steps: Step[] = [];
  const problems: string[] = [];
  const lines = text.split(/\r?\n/);
  for (const [i, raw] of lines.entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const read = readStep(line);
    if ('mend' in read) problems.push(`line ${i + 1}: cannot read "${line}"; ${read.mend}`);
    else if (steps.at(-1)?.do === 'hang-up')
      problems.push(
        `line ${i + 1}: nothing can be done after "hang up"; remove it or move "hang up" to the end`,
      );
    else steps.push(read);
  }
  if (steps.length > stepsMax) problems.push(`the script has more than ${stepsMax} steps; make it shorter`);
  if (problems.length === 0 && steps.length === 0) problems.push(`the script has no steps; ${everyStep}`);
  if (problems.length > 0) return { ok: false, problems };
  if (steps.at(-1)?.do !== 'hang-up') steps.push({ do: 'hang-up' });
  return { ok: true, steps };
}

function readStep(line: string): Step | { readonly mend: string } {
  const verb = verbs.find(({ pattern }) => pattern.test(line));
  if (!verb) return { mend: everyStep };
  return verb.read(line.replace(verb.pattern, '')) ?? { mend: verb.mend };
}
