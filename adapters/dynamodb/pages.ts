/** Reading and writing more than one request's worth. */
import { type DynamoDBDocumentClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Item } from './call-items.ts';
import { request } from './failures.ts';

/** The pages of a query, each about a megabyte. */
export async function* queryPages(
  documents: DynamoDBDocumentClient,
  input: QueryCommandInput,
): AsyncGenerator<readonly Item[]> {
  let from: Item | undefined;
  do {
    const page = await request(() =>
      documents.send(
        new QueryCommand({ ...input, ...(from === undefined ? {} : { ExclusiveStartKey: from }) }),
      ),
    );
    if (page.Items && page.Items.length > 0) yield page.Items;
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
}

export async function queryItems(
  documents: DynamoDBDocumentClient,
  input: QueryCommandInput,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const page of queryPages(documents, input)) items.push(...page);
  return items;
}

/** One page, as long as the query's own limit. */
export async function queryFirst(
  documents: DynamoDBDocumentClient,
  input: QueryCommandInput & { readonly Limit: number },
): Promise<readonly Item[]> {
  const page = await request(() => documents.send(new QueryCommand(input)));
  return page.Items ?? [];
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
