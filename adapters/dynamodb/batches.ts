/** Many small writes at once, in the portions DynamoDB takes. */
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { ProviderError } from '#core/errors.ts';
import type { Item } from './call-items.ts';
import type { CallTable } from './call-table.ts';
import { request } from './failures.ts';

/** BatchWriteItem takes 25 items. */
export const batchItemsMax = 25;
/** Items the service did not take are sent again this often. */
const attemptsMax = 4;

export type Write =
  | { readonly PutRequest: { readonly Item: Item } }
  | { readonly DeleteRequest: { readonly Key: Item } };

/** Where they go. */
type Target = Pick<CallTable, 'documents' | 'table'>;

/** @param writes no two of the same key: DynamoDB refuses such a batch. */
export async function writeBatches(calls: Target, writes: readonly Write[]): Promise<void> {
  for (let at = 0; at < writes.length; at += batchItemsMax)
    await writeBatch(calls, writes.slice(at, at + batchItemsMax));
}

async function writeBatch({ documents, table }: Target, writes: readonly Write[]): Promise<void> {
  let left: readonly Write[] = writes;
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const batch = [...left];
    const result = await request(() =>
      documents.send(new BatchWriteCommand({ RequestItems: { [table]: batch } })),
    );
    left = (result.UnprocessedItems?.[table] ?? []) as Write[];
    if (left.length === 0) return;
  }
  throw new ProviderError('The database did not take all items', {
    provider: 'dynamodb',
    failure: 'overloaded',
  });
}
