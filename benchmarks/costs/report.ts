import os from 'node:os';
import { functionSpec } from '#lib/api/function-table.ts';
import type { Percentiles } from '../support/percentiles.ts';
import type { BooksFigures } from './books.ts';
import { booksSection } from './books-report.ts';
import type { RollupFigures } from './rollup.ts';
import type { RollupRun } from './rollup-process.ts';
import type { RouteFigures } from './routes.ts';

/** On-demand prices of DynamoDB in us-east-1, https://aws.amazon.com/dynamodb/pricing/on-demand/ (2026-11). */
const perMillionUnitsUsd = { read: 0.125, write: 0.625 };

const ms = (value: number) => `${value.toFixed(3)} ms`;
const secs = (value: number) => `${value.toFixed(1)} s`;
const usd = (value: number) => `$${value.toFixed(4)}`;

const targetMs = 500;

export const routesSection = ({ callsPerDay, callers, days, routes }: RouteFigures): string =>
  `## Asking for a month of costs

${days} days with ${callsPerDay} calls each, of ${callers} callers, 40 keys and 13 roles; a year of alerts. Through the functions of the API; waiting for the database is part of each figure. Target: under ${targetMs} ms.

| Route | p50 | p99 | max | Target |
| --- | --- | --- | --- | --- |
${routes
  .map(
    ({ name, times }) =>
      `| ${name} | ${times.p50.toFixed(0)} ms | ${times.p99.toFixed(0)} ms | ${times.max.toFixed(0)} ms | ${times.p99 < targetMs ? 'reached' : '**missed**'} |`,
  )
  .join('\n')}
`;

const billed = ({ readUnits, writeUnits }: RollupRun) =>
  usd((readUnits * perMillionUnitsUsd.read + writeUnits * perMillionUnitsUsd.write) / 1e6);

function rollupSection({ calls, callers, otherCallers, first, again }: RollupFigures): string {
  const row = (title: string, of: (run: RollupRun) => string) => `| ${title} | ${of(first)} | ${of(again)} |`;
  const spec = functionSpec('roll-up-costs');
  return `## Adding up a day and its month

${calls} calls of ${callers} callers in one day; every total of the day and of its month, callers included. The other days of the month have ${otherCallers} callers each. The rollup runs in a process of its own; the function has ${spec.memoryMiB} MB and ${spec.timeoutSecs} s.

| What | First time | Again, with the same result |
| --- | --- | --- |
${[
  row('time', ({ secs: took }) => secs(took)),
  row('most memory the process held', ({ peakMb }) => `${peakMb} MB`),
  row('read units', ({ readUnits }) => String(Math.round(readUnits))),
  row('write units', ({ writeUnits }) => String(Math.round(writeUnits))),
  row('what DynamoDB bills for them', billed),
].join('\n')}
`;
}

export function costsReport(figures: {
  readonly recording: Percentiles;
  readonly budgets: Percentiles;
  readonly books: BooksFigures;
  readonly routes: RouteFigures;
  readonly rollup: RollupFigures;
}): string {
  const { recording, budgets, books, routes, rollup } = figures;
  return `# What the cost ledger costs

Written by \`npm run bench:costs\` on ${os.cpus()[0]?.model ?? 'an unknown processor'}, ${os.availableParallelism()} cores, Node ${process.version}, with the embedded database in a process of its own.

| What | p50 | p99 | max | Target |
| --- | --- | --- | --- | --- |
| counting a turn: ${recording.count} turns of calls with a hundred turns | ${ms(recording.p50)} | ${ms(recording.p99)} | ${ms(recording.max)} | p99 < 1 ms |
| checking six budgets before a call: ${budgets.count} checks | ${ms(budgets.p50)} | ${ms(budgets.p99)} | ${ms(budgets.max)} | p99 < 100 ms |

${routesSection(routes)}
${rollupSection(rollup)}
${booksSection(books)}`;
}
