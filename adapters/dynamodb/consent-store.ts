import { type DynamoDBDocumentClient, PutCommand, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { type Consent, consentSchema } from '#core/consent/consent.ts';
import type { ConsentStore } from '#core/ports/consent-store.ts';
import { conditional, request } from './failures.ts';

type Item = Record<string, unknown>;

/** Unique also when one number agrees twice in a millisecond; sorted by time. */
const keyOf = ({ phoneHash, at, consentId }: Consent) => ({
  pk: `PHONE#${phoneHash}`,
  sk: `${at}#${consentId}`,
});

export function createDynamoConsentStore(documents: DynamoDBDocumentClient, table: string): ConsentStore {
  return {
    async add(consent) {
      // A write that is sent again finds itself: a proof is never overwritten.
      await conditional(() =>
        documents.send(
          new PutCommand({
            TableName: table,
            Item: { ...keyOf(consent), ...consent },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      );
    },
    async of(phoneHash) {
      const { Items: items = [] } = await request(() =>
        documents.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': `PHONE#${phoneHash}` },
            ConsistentRead: true,
          }),
        ),
      );
      return items.map((item) => consentSchema.parse(item));
    },
    async *all() {
      let from: Item | undefined;
      do {
        const start = from === undefined ? {} : { ExclusiveStartKey: from };
        const page = await request(() => documents.send(new ScanCommand({ TableName: table, ...start })));
        for (const item of page.Items ?? []) yield consentSchema.parse(item);
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
    },
  };
}
