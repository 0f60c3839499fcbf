/**
 * `npm run bench:costs`: what the cost ledger itself costs. Writes docs/benchmarks/costs.md.
 *
 *   npm run bench:costs -- [--calls 100000] [--books 500]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureBooks } from './books.ts';
import { measureBudgetCheck } from './budget-check.ts';
import { measureRecording } from './recording.ts';
import { costsReport } from './report.ts';
import { measureRollup } from './rollup.ts';

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '100000' }, books: { type: 'string', default: '500' } },
});

const say = (text: string) => process.stderr.write(`${text}\n`);
say('Recording events …');
const recording = await measureRecording();
say('Checking budgets …');
const budgets = await measureBudgetCheck();
say(`Comparing the books of ${values.books} calls …`);
const books = await measureBooks(Number(values.books));
say(`Adding up ${values.calls} calls …`);
const rollup = await measureRollup(Number(values.calls));
const report = costsReport({ recording, budgets, books, rollup });
mkdirSync('docs/benchmarks', { recursive: true });
writeFileSync('docs/benchmarks/costs.md', report);
process.stdout.write(report);
