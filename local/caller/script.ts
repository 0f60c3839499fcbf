/**
 * What a simulated caller does, one step a line; `#` begins a comment.
 *
 *   wait for reply            until the assistant has spoken and is silent again
 *   wait 2s                   (or 500ms)
 *   say "I need help."
 *   interrupt after 1.2s "Wait, stop."    speaks when the assistant has been speaking that long
 *   cough 400ms               a noise without words
 *   dtmf 0
 *   hang up
 */

export type Step =
  | { readonly do: 'say'; readonly text: string }
  | { readonly do: 'interrupt'; readonly afterMs: number; readonly text: string }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'wait-for-reply' }
  | { readonly do: 'cough'; readonly ms: number }
  | { readonly do: 'dtmf'; readonly digit: string }
  | { readonly do: 'hang-up' };

export type ParsedScript =
  | { readonly ok: true; readonly steps: readonly Step[] }
  | { readonly ok: false; readonly problems: readonly string[] };

const duration = '(\\d+(?:\\.\\d+)?)(ms|s)';
const toMs = (amount: string, unit: string) => Number(amount) * (unit === 's' ? 1000 : 1);

type Reader = (match: RegExpExecArray) => Step;

const forms: readonly (readonly [RegExp, Reader])[] = [
  [/^say\s+"([^"]+)"$/, ([, text = '']) => ({ do: 'say', text })],
  [
    new RegExp(`^interrupt after ${duration}\\s+"([^"]+)"$`),
    ([, amount = '', unit = '', text = '']) => ({ do: 'interrupt', afterMs: toMs(amount, unit), text }),
  ],
  [/^wait for reply$/, () => ({ do: 'wait-for-reply' })],
  [
    new RegExp(`^wait ${duration}$`),
    ([, amount = '', unit = '']) => ({ do: 'wait', ms: toMs(amount, unit) }),
  ],
  [
    new RegExp(`^(?:cough|noise) ${duration}$`),
    ([, amount = '', unit = '']) => ({ do: 'cough', ms: toMs(amount, unit) }),
  ],
  [/^dtmf ([0-9*#])$/, ([, digit = '']) => ({ do: 'dtmf', digit })],
  [/^hang up$/, () => ({ do: 'hang-up' })],
];

const help =
  'write say "…", wait 2s, wait for reply, interrupt after 1.2s "…", cough 300ms, dtmf 0 or hang up';

/** Problems name the line and how to mend it. A script that does not hang up hangs up at its end. */
export function parseScript(text: string): ParsedScript {
  const steps: Step[] = [];
  const problems: string[] = [];
  text.split(/\r?\n/).forEach((raw, i) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    const step = readStep(line);
    if (step) steps.push(step);
    else problems.push(`line ${i + 1}: "${line}" is not a step; ${help}`);
  });
  if (problems.length > 0) return { ok: false, problems };
  if (steps.length === 0) return { ok: false, problems: ['the script has no steps'] };
  if (steps.at(-1)?.do !== 'hang-up') steps.push({ do: 'hang-up' });
  return { ok: true, steps };
}

function readStep(line: string): Step | undefined {
  for (const [form, read] of forms) {
    const match = form.exec(line);
    if (match) return read(match);
  }
  return undefined;
}
