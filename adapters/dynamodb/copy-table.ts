/** Items from one table to another of the same keys: what a restored table gives back to the one in use. */
import type { Documents, Item } from './documents.ts';
import { conditional } from './failures.ts';
import { scanPages } from './pages.ts';

/** Writes on the way at once: a few hundred a second, well below the cap of a table. */
const writesAtOnce = 10;

export interface CopyOptions {
  readonly documents: Documents;
  readonly from: string;
  readonly to: string;
  /** Items with a time to live before it are left behind. */
  readonly now: Date;
  /** Also in place of items that are there; otherwise only what is missing is written. */
  readonly overwrite: boolean;
  /** Only items of this `pk`, such as one call. */
  readonly pk?: string;
  readonly onProgress?: (copied: CopyResult) => void;
}

export interface CopyResult {
  readonly written: number;
  /** Already in the target. */
  readonly kept: number;
  readonly expired: number;
}

/** May be run again after a failure. Throws `ProviderError`. */
export async function copyTable(options: CopyOptions): Promise<CopyResult> {
  const { documents, from, now, onProgress } = options;
  const done = { written: 0, kept: 0, expired: 0 };
  const nowSecs = now.getTime() / 1000;
  const copy = async (item: Item) => {
    const { expiresAt } = item;
    if (typeof expiresAt === 'number' && expiresAt <= nowSecs) done.expired += 1;
    else if (await write(item, options)) done.written += 1;
    else done.kept += 1;
  };
  for await (const items of pagesOf(documents, from, options.pk)) {
    for (let at = 0; at < items.length; at += writesAtOnce)
      await Promise.all(items.slice(at, at + writesAtOnce).map(copy));
    onProgress?.({ ...done });
  }
  return done;
}

function pagesOf(documents: Documents, table: string, pk: string | undefined) {
  const only =
    pk === undefined ? {} : { FilterExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk } };
  return scanPages(documents, { TableName: table, ...only });
}

/** @returns false when an item of the same key is there and stays. */
function write(item: Item, { documents, to, overwrite }: CopyOptions): Promise<boolean> {
  const missing = overwrite ? {} : { ConditionExpression: 'attribute_not_exists(pk)' };
  return conditional(() => documents.put({ TableName: to, Item: item, ...missing }));
}
