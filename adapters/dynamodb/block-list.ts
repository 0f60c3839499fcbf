import type { BlockList } from '#core/ports/block-list.ts';
import type { Documents, Item } from './documents.ts';
import { request } from './failures.ts';

export const blockKey = (callerHash: string) => ({ pk: `BLOCK#${callerHash}` });

export function isBlockInForce(item: Item | undefined, now: Date): boolean {
  if (!item) return false;
  const expiresAt = item['expiresAt'];
  return typeof expiresAt !== 'number' || expiresAt * 1000 > now.getTime();
}

export function createDynamoBlockList(documents: Documents, table: string, now: () => Date): BlockList {
  return {
    async isBlocked(callerHash) {
      const { Item: item } = await request(() =>
        documents.get({ TableName: table, Key: blockKey(callerHash) }),
      );
      return isBlockInForce(item, now());
    },
  };
}
