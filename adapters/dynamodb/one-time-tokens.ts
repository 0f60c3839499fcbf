import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { OneTimeTokens } from '#core/ports/one-time-tokens.ts';
import { conditional } from './failures.ts';

/** A used nonce is kept this much longer than it is valid, against clocks that differ. */
const keptSecs = 3_600;

export function createDynamoOneTimeTokens(documents: DynamoDBDocumentClient, table: string): OneTimeTokens {
  return {
    redeem: (nonce, expiresAt) =>
      conditional(() =>
        documents.send(
          new PutCommand({
            TableName: table,
            Item: { pk: `TOKEN#${nonce}`, expiresAt: Math.ceil(expiresAt.getTime() / 1000) + keptSecs },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      ),
  };
}
