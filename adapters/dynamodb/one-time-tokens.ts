import { randomUUID } from 'node:crypto';
import type { OneTimeTokens } from '#core/ports/one-time-tokens.ts';
import type { Documents } from './documents.ts';
import { conditional, request } from './failures.ts';

/** A used nonce is kept this much longer than it is valid, against clocks that differ. */
const keptSecs = 3_600;

/**
 * A write whose answer was lost is sent again by the SDK and then finds its own item: `redeemedBy` tells that from
 * a nonce that somebody else used.
 */
export function createDynamoOneTimeTokens(documents: Documents, table: string): OneTimeTokens {
  return {
    async redeem(nonce, expiresAt) {
      const key = { pk: `TOKEN#${nonce}` };
      const redeemedBy = randomUUID();
      const item = { ...key, redeemedBy, expiresAt: Math.ceil(expiresAt.getTime() / 1000) + keptSecs };
      const first = await conditional(() =>
        documents.put({ TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
      );
      if (first) return true;
      const { Item: kept } = await request(() =>
        documents.get({ TableName: table, Key: key, ConsistentRead: true }),
      );
      return kept?.['redeemedBy'] === redeemedBy;
    },
  };
}
