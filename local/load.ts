/** `npm run load`: many simulated calls at once against the running stack. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findTarget } from './caller/call-target.ts';
import { type CallReport, makeCall } from './caller/caller.ts';
import { fetchRecord } from './caller/record.ts';
import { parseScript } from './caller/script.ts';
import { createSynthesiser } from './speech/synthesiser.ts';

const help = `Places many simulated calls at once to the center that "npm start" runs.

  npm run load -- [--calls 50] [--ramp 5s] [--script FILE] [--json]

  --calls N       calls at once; default 50
  --ramp TIME     time over which they are placed; default 5s
  --script FILE   what every caller does; default local/scripts/three-turns.call`;

const { values: options } = parseArgs({
  options: {
    calls: { type: 'string', default: '50' },
    ramp: { type: 'string', default: '5s' },
    script: { type: 'string', default: 'local/scripts/three-turns.call' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

interface Outcome {
  readonly report?: CallReport;
  readonly hasCost: boolean;
  readonly error?: string;
}

function percentile(values: readonly number[], part: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

function summarise(outcomes: readonly Outcome[]) {
  const reports = outcomes.flatMap(({ report }) => (report ? [report] : []));
  const latencies = reports.flatMap(({ replyLatenciesMs }) => replyLatenciesMs);
  return {
    calls: outcomes.length,
    completed: reports.filter(({ status }) => status === 'completed').length,
    failed: outcomes.flatMap(({ error }) => (error ? [error] : [])),
    repliesHeard: reports.reduce((sum, { repliesHeard }) => sum + repliesHeard, 0),
    repliesExpected: reports.reduce((sum, { repliesExpected }) => sum + repliesExpected, 0),
    replyLatencyMs: {
      p50: percentile(latencies, 0.5),
      p95: percentile(latencies, 0.95),
      p99: percentile(latencies, 0.99),
    },
    violations: reports.flatMap(({ ledger }) => ledger.violations),
    costSummaries: outcomes.filter(({ hasCost }) => hasCost).length,
  };
}

async function main(): Promise<number> {
  if (options.help) {
    console.log(help);
    return 0;
  }
  const parsed = parseScript(readFileSync(options.script, 'utf8'));
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const count = Number(options.calls);
  const ramp = /^(\d+(?:\.\d+)?)s$/.exec(options.ramp)?.[1];
  if (!Number.isInteger(count) || count < 1) throw new Error('--calls: give a whole number from 1');
  if (ramp === undefined) throw new Error('--ramp: give seconds, such as 5s');
  const dataDir = process.env['DATA_DIR'] ?? '.local';
  const target = await findTarget({ dataDir, url: undefined });
  const synthesiser = await createSynthesiser({ cacheDir: path.join(dataDir, 'speech') });
  let finished = 0;
  const one = async (index: number): Promise<Outcome> => {
    await new Promise((resolve) => setTimeout(resolve, (index / count) * Number(ramp) * 1000));
    const from = `+1202555${String(1000 + index).slice(-4)}`;
    try {
      const { phoneUrl, recogniserUrl, number: to } = target;
      const voiceUrl = `${target.httpUrl}/call/incoming`;
      const report = await makeCall({
        phoneUrl,
        voiceUrl,
        from,
        to,
        recogniserUrl,
        steps: parsed.steps,
        synthesiser,
      });
      const record = report.callSid === undefined ? undefined : await fetchRecord(target, report.callSid);
      return { report, hasCost: record?.costSummary !== undefined };
    } catch (error) {
      return { hasCost: false, error: error instanceof Error ? error.message : 'unknown' };
    } finally {
      finished += 1;
      process.stderr.write(`\r${finished} of ${count} calls are over`);
    }
  };
  const outcomes = await Promise.all(Array.from({ length: count }, (_, index) => one(index)));
  process.stderr.write('\n');
  await synthesiser.close();
  await target.close();
  const summary = summarise(outcomes);
  console.log(JSON.stringify(summary, undefined, 2));
  const { completed, repliesHeard, repliesExpected, violations, costSummaries } = summary;
  const good =
    completed === count &&
    repliesHeard === repliesExpected &&
    violations.length === 0 &&
    costSummaries === count;
  return good ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
