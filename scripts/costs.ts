/** `npm run costs`: what calls cost, from the HTTP API of a stage or of the stack on this machine. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { styleText } from 'node:util';
import * as z from 'zod';
import {
  alertsAnswerSchema,
  budgetsAnswerSchema,
  costSummaryAnswerSchema,
  groupings,
} from '#core/http/costs.ts';
import { runCommand, UsageError } from '#local/command-line.ts';
import { developmentValues } from '#local/development-values.ts';
import { type Stack, stackFile, stackSchema } from '#local/stack-file.ts';
import { type CostsReport, costsText, type Tone } from './costs-text.ts';

const help = `Shows what calls cost: a table, the days as a chart, forecast, budgets, unusual days and open alerts.

  npm run costs -- [options]

  --from DAY, --to DAY  both days included, such as 2026-11-01; default: the last thirty days
  --group-by WHAT       ${groupings.join(', ')}; default day
  --budget NAME         whose month is forecast: STAGE (default) or KEY#id
  --roll-up             first add up what is due
  --reconcile           first compare our books with the vendors'
  --day DAY             the day of --roll-up and --reconcile
  --url URL             address of the HTTP API; default: the running center's
  --json                everything as one JSON document: summary, budgets, alerts
  --help                this text

The key with the scope costs:read comes from OUTBOUND_API_KEY, the secret of --roll-up and --reconcile from CRON_SECRET;
on one machine both have development values. Colours are for terminals only; NO_COLOR turns them off.
`;

const requestTimeoutMs = 60_000;

interface Target {
  readonly url: string;
  readonly key: string;
  readonly cronSecret: string;
}

function readStack(): Stack | undefined {
  try {
    const file = stackFile(path.resolve(process.env['DATA_DIR'] || '.local'));
    return stackSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

function findTarget(url: string | undefined): Target {
  const stack = readStack();
  const found = url ?? stack?.httpUrl;
  if (found === undefined)
    throw new UsageError(
      'No center is running here. Start it with "npm start", or give --url and OUTBOUND_API_KEY.',
    );
  const key = process.env['OUTBOUND_API_KEY'] || stack?.apiKey;
  if (key === undefined) throw new UsageError('Set OUTBOUND_API_KEY to a key with the scope costs:read.');
  return {
    url: found.replace(/\/+$/, ''),
    key,
    cronSecret: process.env['CRON_SECRET'] || developmentValues['CRON_SECRET'] || '',
  };
}

/** What a person can do about an answer; the answer's own words for everything else. */
const remedies: Readonly<Record<number, string>> = {
  401: 'The key is not known there. Set OUTBOUND_API_KEY (or CRON_SECRET for --roll-up and --reconcile).',
  403: 'The key lacks the scope costs:read.',
};

const problemSchema = z.object({ error: z.object({ message: z.string() }) });

function describeProblem(status: number, text: string): string {
  const remedy = remedies[status];
  if (remedy !== undefined) return remedy;
  const parsedBody = problemSchema.safeParse(asJson(text));
  if (!parsedBody.success) return `It answered ${status}: ${text.slice(0, 200)}`;
  return parsedBody.data.error.message;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function ask(method: 'GET' | 'POST', url: string, token: string): Promise<unknown> {
  const signal = AbortSignal.timeout(requestTimeoutMs);
  const response = await fetch(url, { method, headers: { authorization: `Bearer ${token}` }, signal }).catch(
    (error: unknown) => {
      const { origin } = new URL(url);
      const isLate = error instanceof Error && error.name === 'TimeoutError';
      throw new UsageError(isLate ? `${origin} did not answer in time.` : `Nobody answers at ${origin}.`);
    },
  );
  const text = await response.text();
  if (response.ok) return asJson(text);
  const described = describeProblem(response.status, text);
  throw response.status < 500 ? new UsageError(described) : new Error(described);
}

const styleOf = { strong: 'bold', quiet: 'dim', good: 'green', warning: 'yellow', bad: 'red' } as const;

/** Plain where the output is not a terminal, or NO_COLOR is set. */
const paint = (tone: Tone, text: string): string =>
  styleText(styleOf[tone], text, { stream: process.stdout });

/** Where the output is not a terminal: as wide as a page of code. */
const widthDefault = 100;

await runCommand({
  help,
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    'group-by': { type: 'string', default: 'day' },
    budget: { type: 'string', default: 'STAGE' },
    'roll-up': { type: 'boolean', default: false },
    reconcile: { type: 'boolean', default: false },
    day: { type: 'string' },
    url: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
  async run({ values: options }) {
    const { url, key, cronSecret } = findTarget(options.url);
    const ofDay = options.day === undefined ? '' : `?day=${encodeURIComponent(options.day)}`;
    if (options['roll-up']) await ask('POST', `${url}/costs/rollup${ofDay}`, cronSecret);
    if (options.reconcile) await ask('POST', `${url}/costs/reconcile${ofDay}`, cronSecret);
    const query = new URLSearchParams({ groupBy: options['group-by'] });
    if (options.from !== undefined) query.set('from', options.from);
    if (options.to !== undefined) query.set('to', options.to);
    const [summary, budgets, alerts] = await Promise.all([
      ask('GET', `${url}/costs/summary?${query}`, key),
      ask('GET', `${url}/costs/budgets?${new URLSearchParams({ name: options.budget })}`, key),
      ask('GET', `${url}/costs/alerts?limit=100`, key),
    ]);
    const report: CostsReport = {
      summary: costSummaryAnswerSchema.parse(summary),
      budgets: budgetsAnswerSchema.parse(budgets),
      alerts: alertsAnswerSchema.parse(alerts).items,
    };
    const text = options.json
      ? `${JSON.stringify(report, undefined, 2)}\n`
      : costsText(report, { width: process.stdout.columns ?? widthDefault, paint });
    process.stdout.write(text);
    return 0;
  },
});
