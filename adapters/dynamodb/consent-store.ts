import { type Consent, consentSchema } from '#core/consent/consent.ts';
import type { ConsentStore } from '#core/ports/consent-store.ts';
import type { Documents } from './documents.ts';
import { conditional } from './failures.ts';
import { queryItems, scanPages } from './pages.ts';

/** Unique also when one number agrees twice in a millisecond; sorted by time. */
const keyOf = ({ phoneHash, at, consentId }: Consent) => ({
  pk: `PHONE#${phoneHash}`,
  sk: `${at}#${consentId}`,
});

export function createDynamoConsentStore(documents: Documents, table: string): ConsentStore {
  return {
    async add(consent) {
      // A write that is sent again finds itself: a proof is never overwritten.
      await conditional(() =>
        documents.put({
          TableName: table,
          Item: { ...keyOf(consent), ...consent },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
    },
    async of(phoneHash) {
      const items = await queryItems(documents, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': `PHONE#${phoneHash}` },
        ConsistentRead: true,
      });
      return items.map((item) => consentSchema.parse(item));
    },
    async *all() {
      for await (const items of scanPages(documents, { TableName: table }))
        for (const item of items) yield consentSchema.parse(item);
    },
  };
}
