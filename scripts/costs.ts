/** `npm run costs`: what calls cost, from the HTTP API of a stage or of the stack on this machine. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { costSummaryAnswerSchema, groupings } from '#core/http/costs.ts';
import { runCommand, UsageError } from '#local/command-line.ts';
import { developmentValues } from '#local/development-values.ts';
import { type Stack, stackFile, stackSchema } from '#local/stack-file.ts';
import { costsText } from './costs-table.ts';

const help = `Shows what calls cost.

  npm run costs -- [options]

  --from DAY, --to DAY  both days included, such as 2026-11-01; default: the last thirty days
  --group-by WHAT       ${groupings.join(', ')}; default day
  --roll-up             first add up what is due
  --reconcile           first compare our books with the vendors'
  --day DAY             the day of --roll-up and --reconcile
  --url URL             address of the HTTP API; default: the running center's
  --json                the answer as JSON
  --help                this text

The key with the scope costs:read comes from OUTBOUND_API_KEY, the secret of --roll-up and --reconcile from CRON_SECRET;
on one machine both have development values.
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

async function ask(method: 'GET' | 'POST', url: string, token: string): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  throw new Error(`${new URL(url).pathname} answered ${response.status}: ${text.slice(0, 500)}`);
}

await runCommand({
  help,
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    'group-by': { type: 'string', default: 'day' },
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
    const answer = costSummaryAnswerSchema.parse(await ask('GET', `${url}/costs/summary?${query}`, key));
    process.stdout.write(options.json ? `${JSON.stringify(answer, undefined, 2)}\n` : costsText(answer));
    return 0;
  },
});
