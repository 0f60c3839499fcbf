/** Reading and writing more than one request's worth. */
import type { Documents, Item, QueryInput, ScanInput } from './documents.ts';
import { request } from './failures.ts';

/** The pages of a query, each about a megabyte. */
export async function* queryPages(documents: Documents, input: QueryInput): AsyncGenerator<readonly Item[]> {
  let from: Item | undefined;
  do {
    const page = await request(() => documents.query({ ...input, ExclusiveStartKey: from }));
    if (page.Items.length > 0) yield page.Items;
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
}

/** Everything that is in a table, or what the filter leaves of it. */
export async function* scanPages(documents: Documents, input: ScanInput): AsyncGenerator<readonly Item[]> {
  let from: Item | undefined;
  do {
    const page = await request(() => documents.scan({ ...input, ExclusiveStartKey: from }));
    if (page.Items.length > 0) yield page.Items;
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
}

export async function queryItems(documents: Documents, input: QueryInput): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const page of queryPages(documents, input)) items.push(...page);
  return items;
}

/** One page, as long as the query's own limit. */
export async function queryFirst(
  documents: Documents,
  input: QueryInput & { readonly Limit: number },
): Promise<readonly Item[]> {
  const page = await request(() => documents.query(input));
  return page.Items;
}

/** Runs the work on every item, some at a time. The first failure ends it. */
export async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const item = items[next] as T;
      next += 1;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
}
