import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { BlockList } from '#core/ports/block-list.ts';
import { request } from './failures.ts';

export function createDynamoBlockList(
  documents: DynamoDBDocumentClient,
  table: string,
  now: () => Date,
): BlockList {
  return {
    async isBlocked(callerHash) {
      const { Item: item } = await request(() =>
        documents.send(new GetCommand({ TableName: table, Key: { pk: `BLOCK#${callerHash}` } })),
      );
      if (!item) return false;
      const expiresAt = item['expiresAt'];
      return typeof expiresAt !== 'number' || expiresAt * 1000 > now().getTime();
    },
  };
}
