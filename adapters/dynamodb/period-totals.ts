/** All totals of a day or a month, callers included: read in order, and replaced by writing what has changed. */
import { isDeepStrictEqual } from 'node:util';
import { compareNames } from '#core/costs/names.ts';
import type { NamedTotals, TotalsByDimension, TotalsPages } from '#core/costs/totals.ts';
import type { CostPeriod } from '#core/ports/cost-store.ts';
import { batchItemsMax, writeBatches } from './batches.ts';
import { periodKey, toTotals } from './cost-items.ts';
import type { CostTable } from './cost-store.ts';
import type { Write } from './documents.ts';
import { inLanes, queryPages } from './pages.ts';

/**
 * Items that a rollup reads at once: a month is read as thirty-one days side by side, so that this many of each are in
 * memory, and a page is there well within the time that a request may take.
 */
export const rollupPageItems = 500;
/** Batches on their way at once. One partition takes a thousand writes a second, whatever the table may take. */
const writeLanes = 4;
const writesAtOnce = writeLanes * batchItemsMax;
/** How long a batch may wait for room in the table: a rollup has minutes. */
const writePatienceMs = 30_000;
/** Totals of one caller go a year and a month after their period; all others are kept. */
const callerTotalsLifeMs = 400 * 86_400_000;

export async function* allTotals(
  { documents, table }: CostTable,
  period: CostPeriod,
): AsyncGenerator<readonly NamedTotals[]> {
  const pages = queryPages(documents, {
    TableName: table,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': periodKey(period) },
    // What was written a moment ago must be seen: a month follows its days, and a run the one that was cut off.
    ConsistentRead: true,
    Limit: rollupPageItems,
  });
  for await (const page of pages) yield page.map((item) => [String(item['sk']), toTotals(item)]);
}

/** What is stored, name by name. */
async function createReader(pages: AsyncGenerator<readonly NamedTotals[]>) {
  let page: readonly NamedTotals[] = [];
  let next = 0;
  const reader = {
    /** Undefined at the end. */
    head: undefined as NamedTotals | undefined,
    async advance() {
      next += 1;
      while (next >= page.length) {
        const { done, value } = await pages.next();
        if (done === true) {
          reader.head = undefined;
          return;
        }
        [page, next] = [value, 0];
      }
      reader.head = page[next];
    },
    close: () => pages.return(undefined),
  };
  await reader.advance();
  return reader;
}

const pagesOf = (totals: TotalsByDimension | TotalsPages): TotalsPages =>
  totals instanceof Map
    ? [[...(totals as TotalsByDimension)].sort(([a], [b]) => compareNames(a, b))]
    : (totals as TotalsPages);

/** Old and new side by side, both in order: what is new or has changed is put, what has no successor goes. */
export async function replaceTotals(
  costs: CostTable,
  period: CostPeriod,
  totals: TotalsByDimension | TotalsPages,
): Promise<void> {
  const pk = periodKey(period);
  const stored = await createReader(allTotals(costs, period));
  let writes: Write[] = [];
  const write = async (one: Write) => {
    writes.push(one);
    if (writes.length >= writesAtOnce) await flush();
  };
  const flush = async () => {
    const due = writes;
    writes = [];
    await writeInLanes(costs, due);
  };
  const removeBefore = async (name: string | undefined) => {
    while (stored.head !== undefined && (name === undefined || compareNames(stored.head[0], name) < 0)) {
      await write({ DeleteRequest: { Key: { pk, sk: stored.head[0] } } });
      await stored.advance();
    }
  };
  try {
    for await (const page of pagesOf(totals))
      for (const [sk, sums] of page) {
        await removeBefore(sk);
        const before = stored.head?.[0] === sk ? stored.head[1] : undefined;
        if (before !== undefined) await stored.advance();
        if (isDeepStrictEqual(before, sums)) continue;
        await write({ PutRequest: { Item: { ...sums, ...expiryOf(sk, period), pk, sk } } });
      }
    await removeBefore(undefined);
    await flush();
  } finally {
    await stored.close();
  }
}

/** By the period and not by the run, so that a total that stays the same need not be written again. */
const expiryOf = (name: string, period: CostPeriod) =>
  name.startsWith('CALLER#')
    ? { expiresAt: Math.ceil((Date.parse(period) + callerTotalsLifeMs) / 1000) }
    : {};

const writeInLanes = (costs: CostTable, writes: readonly Write[]) =>
  inLanes(
    Array.from({ length: Math.ceil(writes.length / batchItemsMax) }, (_, i) =>
      writes.slice(i * batchItemsMax, (i + 1) * batchItemsMax),
    ),
    writeLanes,
    (batch) => writeBatches(costs, batch, { patienceMs: writePatienceMs }),
  );
