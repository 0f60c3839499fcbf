/** Blocks as an operator sees them. Listing reads the whole table, which is small and rarely asked for. */
import * as z from 'zod';
import type { Block, BlockListAdmin } from '#core/ports/block-list.ts';
import { callerHashOf, callerKey, callerLifeSecs, foreverSecs } from './caller-items.ts';
import type { Documents } from './documents.ts';
import { conditional, request } from './failures.ts';
import { scanPages } from './pages.ts';

const itemSchema = z.object({
  pk: z.string(),
  blockedUntilSecs: z.number(),
  blockDetails: z
    .object({
      numberMasked: z.string().catch('***'),
      reason: z.string().catch(''),
      createdAt: z.string().catch(''),
    })
    .catch({ numberMasked: '***', reason: '', createdAt: '' }),
});

function toBlock(item: unknown): Block {
  const { pk, blockedUntilSecs, blockDetails } = itemSchema.parse(item);
  const until = blockedUntilSecs >= foreverSecs ? {} : { until: new Date(blockedUntilSecs * 1000) };
  return { callerHash: callerHashOf(pk), ...blockDetails, ...until };
}

export function createDynamoBlockListAdmin(
  documents: Documents,
  table: string,
  now: () => Date,
): BlockListAdmin {
  const nowSecs = () => now().getTime() / 1000;
  return {
    async block({ callerHash, until, ...details }) {
      const untilSecs = until === undefined ? foreverSecs : Math.ceil(until.getTime() / 1000);
      await request(() =>
        documents.update({
          TableName: table,
          Key: callerKey(callerHash),
          UpdateExpression: 'SET blockedUntilSecs = :until, blockDetails = :details, expiresAt = :expiresAt',
          ExpressionAttributeValues: {
            ':until': untilSecs,
            ':details': details,
            ':expiresAt': Math.max(untilSecs, Math.ceil(nowSecs()) + callerLifeSecs),
          },
        }),
      );
    },
    unblock: (callerHash) =>
      conditional(() =>
        documents.update({
          TableName: table,
          Key: callerKey(callerHash),
          UpdateExpression: 'REMOVE blockedUntilSecs, blockDetails SET expiresAt = :expiresAt',
          ConditionExpression: 'attribute_exists(blockedUntilSecs)',
          ExpressionAttributeValues: { ':expiresAt': Math.ceil(nowSecs()) + callerLifeSecs },
        }),
      ),
    async blocks() {
      const found: Block[] = [];
      const pages = scanPages(documents, {
        TableName: table,
        FilterExpression: 'blockedUntilSecs > :nowSecs',
        ExpressionAttributeValues: { ':nowSecs': nowSecs() },
      });
      for await (const items of pages) found.push(...items.map(toBlock));
      return found.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    },
  };
}
