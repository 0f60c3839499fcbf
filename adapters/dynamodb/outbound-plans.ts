import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type OutboundPlans, outboundPlanSchema } from '#core/ports/outbound-plans.ts';
import { conditional, request } from './failures.ts';

/** Longer than any call, and than an idempotency key is remembered. */
const keptSecs = 26 * 3_600;

export function createDynamoOutboundPlans(
  documents: DynamoDBDocumentClient,
  table: string,
  now: () => Date,
): OutboundPlans {
  const keyOf = (ref: string) => ({ pk: `OUTBOUND#${ref}` });
  return {
    async put(ref, plan) {
      const expiresAt = Math.ceil(now().getTime() / 1000) + keptSecs;
      const item = { ...keyOf(ref), ...plan, expiresAt };
      await request(() => documents.send(new PutCommand({ TableName: table, Item: item })));
    },
    async find(ref) {
      const { Item: item } = await request(() =>
        documents.send(new GetCommand({ TableName: table, Key: keyOf(ref), ConsistentRead: true })),
      );
      const parsed = outboundPlanSchema.safeParse(item);
      return parsed.success ? parsed.data : undefined;
    },
    async noteCall(ref, callSid) {
      await conditional(() =>
        documents.send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(ref),
            UpdateExpression: 'SET callSid = :callSid',
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeValues: { ':callSid': callSid },
          }),
        ),
      );
    },
  };
}
