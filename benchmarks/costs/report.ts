import os from 'node:os';
import type { Percentiles } from '../support/percentiles.ts';
import type { BooksFigures } from './books.ts';
import { booksSection } from './books-report.ts';
import type { RollupFigures } from './rollup.ts';

/** On-demand prices of DynamoDB in us-east-1, https://aws.amazon.com/dynamodb/pricing/on-demand/ (2026-11). */
const perMillionUnitsUsd = { read: 0.125, write: 0.625 };

const ms = (value: number) => `${value.toFixed(3)} ms`;
const secs = (value: number) => `${value.toFixed(1)} s`;
const usd = (value: number) => `$${value.toFixed(4)}`;

export function costsReport(figures: {
  readonly recording: Percentiles;
  readonly budgets: Percentiles;
  readonly books: BooksFigures;
  readonly rollup: RollupFigures;
}): string {
  const { recording, budgets, books, rollup } = figures;
  const { readUnits, writeUnits } = rollup;
  const units = (readUnits * perMillionUnitsUsd.read + writeUnits * perMillionUnitsUsd.write) / 1e6;
  return `# What the cost ledger costs

Written by \`npm run bench:costs\` on ${os.cpus()[0]?.model ?? 'an unknown processor'}, ${os.availableParallelism()} cores, Node ${process.version}, with the embedded database in the same process.

| What | p50 | p99 | max | Target |
| --- | --- | --- | --- | --- |
| counting a turn: ${recording.count} turns of calls with a hundred turns | ${ms(recording.p50)} | ${ms(recording.p99)} | ${ms(recording.max)} | p99 < 1 ms |
| checking six budgets before a call: ${budgets.count} checks | ${ms(budgets.p50)} | ${ms(budgets.p99)} | ${ms(budgets.max)} | p99 < 100 ms |

## Adding up a day

${rollup.calls} calls of ${rollup.callers} callers in one day; every total of the day and of its month, callers included.

| What | Figure |
| --- | --- |
| first time | ${secs(rollup.rollupSecs)} |
| again, with the same result | ${secs(rollup.againSecs)} |
| read units, write units | ${Math.round(readUnits)}, ${Math.round(writeUnits)} |
| what DynamoDB bills for them | ${usd(units)} |
| memory of the process, database included | ${rollup.rssMb} MB |

${booksSection(books)}`;
}
