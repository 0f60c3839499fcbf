/**
 * `npm run bench:costs`: what the cost ledger itself costs. Writes docs/benchmarks/costs.md.
 *
 *   npm run bench:costs -- [--calls 100000] [--books 500] [--only books]
 *
 * `--only books` writes the section on the books again, and leaves the others.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureBooks } from './books.ts';
import { booksSection } from './books-report.ts';
import { measureBudgetCheck } from './budget-check.ts';
import { measureRecording } from './recording.ts';
import { costsReport } from './report.ts';
import { measureRollup } from './rollup.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '100000' },
    books: { type: 'string', default: '500' },
    only: { type: 'string' },
  },
});

const say = (text: string) => process.stderr.write(`${text}\n`);
const file = 'docs/benchmarks/costs.md';
if (values.only === 'books') {
  const section = booksSection(await measureBooks(Number(values.books), { say }));
  const [others = ''] = readFileSync(file, 'utf8').split(/(?=^## Our books)/m);
  writeFileSync(file, `${others}${section}`);
  process.stdout.write(section);
  process.exit();
}
say('Recording events …');
const recording = await measureRecording();
say('Checking budgets …');
const budgets = await measureBudgetCheck();
say(`Comparing the books of ${values.books} calls …`);
const books = await measureBooks(Number(values.books), { say });
say(`Adding up ${values.calls} calls …`);
const rollup = await measureRollup(Number(values.calls));
const report = costsReport({ recording, budgets, books, rollup });
mkdirSync('docs/benchmarks', { recursive: true });
writeFileSync(file, report);
process.stdout.write(report);
