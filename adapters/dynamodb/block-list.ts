import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { BlockList } from '#core/ports/block-list.ts';
import type { Item } from './call-items.ts';
import { request } from './failures.ts';

export const blockKey = (callerHash: string) => ({ pk: `BLOCK#${callerHash}` });

export function isBlockInForce(item: Item | undefined, now: Date): boolean {
  if (!item) return false;
  const expiresAt = item['expiresAt'];
  return typeof expiresAt !== 'number' || expiresAt * 1000 > now.getTime();
}

export function createDynamoBlockList(
  documents: DynamoDBDocumentClient,
  table: string,
  now: () => Date,
): BlockList {
  return {
    async isBlocked(callerHash) {
      const { Item: item } = await request(() =>
        documents.send(new GetCommand({ TableName: table, Key: blockKey(callerHash) })),
      );
      return isBlockInForce(item, now());
    },
  };
}
