/** Blocks as an operator sees them. Listing reads the whole table, which is small and rarely asked for. */
import * as z from 'zod';
import type { Block, BlockListAdmin } from '#core/ports/block-list.ts';
import type { Documents } from './documents.ts';
import { conditional, request } from './failures.ts';
import { scanPages } from './pages.ts';

const prefix = 'BLOCK#';
const itemSchema = z.object({
  pk: z.string().startsWith(prefix),
  numberMasked: z.string().catch('***'),
  reason: z.string().catch(''),
  createdAt: z.string().catch(''),
  /** Epoch seconds. */
  expiresAt: z.number().optional(),
});

function toBlock(item: unknown): Block {
  const { pk, expiresAt, ...rest } = itemSchema.parse(item);
  const until = expiresAt === undefined ? {} : { until: new Date(expiresAt * 1000) };
  return { callerHash: pk.slice(prefix.length), ...rest, ...until };
}

export function createDynamoBlockListAdmin(
  documents: Documents,
  table: string,
  now: () => Date,
): BlockListAdmin {
  const keyOf = (callerHash: string) => ({ pk: `${prefix}${callerHash}` });
  return {
    async block({ callerHash, until, ...rest }) {
      const expiry = until === undefined ? {} : { expiresAt: Math.ceil(until.getTime() / 1000) };
      const item = { ...keyOf(callerHash), ...rest, ...expiry };
      await request(() => documents.put({ TableName: table, Item: item }));
    },
    unblock: (callerHash) =>
      conditional(() =>
        documents.delete({
          TableName: table,
          Key: keyOf(callerHash),
          ConditionExpression: 'attribute_exists(pk)',
        }),
      ),
    async blocks() {
      const found: Block[] = [];
      const pages = scanPages(documents, {
        TableName: table,
        FilterExpression: 'begins_with(pk, :prefix)',
        ExpressionAttributeValues: { ':prefix': prefix },
      });
      for await (const items of pages) found.push(...items.map(toBlock));
      const inForce = found.filter(({ until }) => until === undefined || until > now());
      return inForce.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    },
  };
}
