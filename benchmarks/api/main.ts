/** `npm run bench:api`: what a request costs us. Writes docs/benchmarks/api.md. */
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startDatabaseProcess } from '../support/database.ts';
import { percentilesOf } from '../support/percentiles.ts';
import { type ImportTime, measureImports } from './imports.ts';
import { type ListTime, measureLists } from './lists.ts';
import { measureRoundTrips } from './round-trips.ts';
import { measureWebhook } from './webhook.ts';
import { benchWire } from './wire.ts';

const help = `Measures the HTTP API on the embedded database and writes docs/benchmarks/api.md.

  npm run bench:api -- [options]

  --records N   records that lists are measured over; default 100000
  --calls N     incoming calls; default 2000
  --help        this text
`;
const reportFile = path.resolve(import.meta.dirname, '../../docs/benchmarks/api.md');
const targets = { webhookP99Ms: 10, importMs: 150 } as const;

interface Measured {
  readonly webhook: readonly number[];
  readonly roundTrips: readonly number[];
  readonly imports: readonly ImportTime[];
  readonly lists: readonly ListTime[];
  readonly records: number;
}

const ms = (value: number) => `${value.toFixed(1)} ms`;
const reached = (holds: boolean) => (holds ? 'reached' : '**missed**');

function writeReport({ webhook, roundTrips, imports, lists, records }: Measured): string {
  const incoming = percentilesOf(webhook);
  const floor = percentilesOf(roundTrips);
  const importRows = imports.map(({ name, kilobytes, times }) => {
    const { p50 } = percentilesOf(times);
    return `| ${name} | ${kilobytes} KB | ${ms(p50)} | ${ms(Math.min(...times))} | ${reached(p50 <= targets.importMs)} |`;
  });
  const listRows = lists.map(({ query, times }) => {
    const { p50, p99 } = percentilesOf(times);
    return `| ${query} | ${ms(p50)} | ${ms(p99)} |`;
  });
  return `# The HTTP API, measured

Made by \`npm run bench:api\` on ${os.availableParallelism()} cores (${os.cpus()[0]?.model.trim() ?? 'unknown'}), Node ${process.version}. The embedded database
runs in a process of its own on the same machine; waiting for it is part of each figure.

## An incoming call

\`POST /call/incoming\`, warm, ${incoming.count} callers one after the other: signature, admission, limits, budget, record, token, TwiML.

| What | p50 | p99 | longest | target |
| --- | --- | --- | --- | --- |
| the call | ${ms(incoming.p50)} | ${ms(incoming.p99)} | ${ms(incoming.max)} | p99 ≤ ${targets.webhookP99Ms} ms: ${reached(incoming.p99 <= targets.webhookP99Ms)} |
| its five requests to the database, and nothing else | ${ms(floor.p50)} | ${ms(floor.p99)} | ${ms(floor.max)} | |

A call is one read and then four writes at once. The second line is measured in the same run: what remains is ours, and
the ratio (${(incoming.p50 / floor.p50).toFixed(2)} at p50) does not depend on the machine.

## Loading a function

The bundle that a stage gets, imported in a fresh process.

| Function | Size | p50 | best | p50 ≤ ${targets.importMs} ms |
| --- | --- | --- | --- | --- |
${importRows.join('\n')}

## Lists over ${records} records

| \`GET /records\` | p50 | p99 |
| --- | --- | --- |
${listRows.join('\n')}

\`direction\` has no index: a page of it is gathered from many others, each read within a bound.
`;
}

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '100000' },
    calls: { type: 'string', default: '2000' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

async function measure(): Promise<Measured> {
  const records = Number(values.records);
  const step = (name: string) => process.stderr.write(`${name} …\n`);
  const database = await startDatabaseProcess();
  const wire = benchWire(database.url);
  step('Incoming calls');
  const webhook = await measureWebhook(wire, Number(values.calls));
  step('Round trips to the database');
  const roundTrips = await measureRoundTrips(database.url, Number(values.calls));
  step('Imports');
  const imports = await measureImports(['inbound-call', 'outbound-call', 'records-list']);
  step(`Lists over ${records} records`);
  const lists = await measureLists(wire, database.url, records);
  (await wire()).telemetry.flush();
  await database.close();
  return { webhook, roundTrips, imports, lists, records };
}

if (values.help) process.stdout.write(help);
else {
  // Lines of the functions would bury the figures.
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = ((text: string | Uint8Array) =>
    String(text).startsWith('{') ? true : write(text)) as typeof process.stdout.write;
  const report = writeReport(await measure());
  mkdirSync(path.dirname(reportFile), { recursive: true });
  writeFileSync(reportFile, report);
  process.stdout.write(report);
  // Connections of the clients are kept open by their agents.
  process.exit(0);
}
