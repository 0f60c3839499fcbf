/** Days added up to a month, name by name: what is held at a time is a page of each day, however many callers there are. */
import { compareNames } from './names.ts';
import { addUp, type CostTotals, type NamedTotals, type TotalsPages } from './totals.ts';

/** Totals that are handed on at once. */
const pageTotals = 500;

interface Source {
  readonly pages: Iterator<readonly NamedTotals[]> | AsyncIterator<readonly NamedTotals[]>;
  page: readonly NamedTotals[];
  next: number;
}

const iteratorOf = (pages: TotalsPages): Source['pages'] =>
  Symbol.asyncIterator in pages ? pages[Symbol.asyncIterator]() : pages[Symbol.iterator]();

/** @returns whether the source has a name left. */
async function fill(source: Source): Promise<boolean> {
  while (source.next >= source.page.length) {
    const { done, value } = await source.pages.next();
    if (done === true) return false;
    source.page = value;
    source.next = 0;
  }
  return true;
}

/** Reads on where a page is used up, in all sources at once. */
async function refill(sources: readonly Source[]): Promise<readonly Source[]> {
  if (sources.every(({ page, next }) => next < page.length)) return sources;
  const left = await Promise.all(sources.map(fill));
  return sources.filter((_, i) => left[i]);
}

/** Takes the first name out of every source that has it. Every source must have a name left. */
function takeFirst(sources: readonly Source[]): NamedTotals {
  let first: string | undefined;
  let found: CostTotals[] = [];
  let from: Source[] = [];
  for (const source of sources) {
    const [name, totals] = source.page[source.next] as NamedTotals;
    const order = first === undefined ? -1 : compareNames(name, first);
    if (order > 0) continue;
    if (order < 0) [first, found, from] = [name, [], []];
    found.push(totals);
    from.push(source);
  }
  for (const source of from) source.next += 1;
  const [only] = found;
  return [first ?? '', found.length === 1 && only !== undefined ? only : addUp(found)];
}

/** @param periods each in the order of names, as is the result. */
export async function* mergeTotals(periods: readonly TotalsPages[]): AsyncGenerator<readonly NamedTotals[]> {
  const all = periods.map((pages): Source => ({ pages: iteratorOf(pages), page: [], next: 0 }));
  try {
    let merged: NamedTotals[] = [];
    for (let left = await refill(all); left.length > 0; left = await refill(left)) {
      merged.push(takeFirst(left));
      if (merged.length < pageTotals) continue;
      yield merged;
      merged = [];
    }
    if (merged.length > 0) yield merged;
  } finally {
    await Promise.all(all.map(({ pages }) => pages.return?.()));
  }
}
