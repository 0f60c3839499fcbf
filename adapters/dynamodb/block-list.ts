import type { BlockList } from '#core/ports/block-list.ts';
import { callerKey, isBlockInForce } from './caller-items.ts';
import type { Documents } from './documents.ts';
import { request } from './failures.ts';

export function createDynamoBlockList(documents: Documents, table: string, now: () => Date): BlockList {
  return {
    async isBlocked(callerHash) {
      const { Item: item } = await request(() =>
        documents.get({ TableName: table, Key: callerKey(callerHash) }),
      );
      return isBlockInForce(item, now());
    },
  };
}
