/**
 * `npm run bench:costs`: what the cost ledger itself costs. Writes docs/benchmarks/costs.md.
 *
 *   npm run bench:costs -- [--calls 100000] [--callers 5000] [--books 500] [--only books]
 *
 * `--calls` are those of the day that is added up, `--callers` those of each day of a month that is there already.
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
import { measureRoutes } from './routes.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '100000' },
    callers: { type: 'string', default: '5000' },
    books: { type: 'string', default: '500' },
    only: { type: 'string' },
  },
});
/** Of a large stage, in a day. */
const callsPerCaller = 2;

const say = (text: string) => process.stderr.write(`${text}\n`);
const callers = Number(values.callers);
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
say('Asking for a month of costs …');
const routes = await measureRoutes({ callers, callsPerDay: callers * callsPerCaller }, say);
say(`Adding up ${values.calls} calls …`);
const rollup = await measureRollup(Number(values.calls), callers, say);
const report = costsReport({ recording, budgets, books, routes, rollup });
mkdirSync('docs/benchmarks', { recursive: true });
writeFileSync(file, report);
process.stdout.write(report);
// Connections of the functions' clients are kept open by their agents.
process.exit(0);
