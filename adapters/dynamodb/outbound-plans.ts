import { type OutboundPlans, outboundPlanSchema } from '#core/ports/outbound-plans.ts';
import type { Documents } from './documents.ts';
import { conditional, request } from './failures.ts';

/** Longer than any call, and than an idempotency key is remembered. */
const keptSecs = 26 * 3_600;

export function createDynamoOutboundPlans(
  documents: Documents,
  table: string,
  now: () => Date,
): OutboundPlans {
  const keyOf = (ref: string) => ({ pk: `OUTBOUND#${ref}` });
  return {
    async put(ref, plan) {
      const expiresAt = Math.ceil(now().getTime() / 1000) + keptSecs;
      const item = { ...keyOf(ref), ...plan, expiresAt };
      await request(() => documents.put({ TableName: table, Item: item }));
    },
    async find(ref) {
      const { Item: item } = await request(() =>
        documents.get({ TableName: table, Key: keyOf(ref), ConsistentRead: true }),
      );
      const parsed = outboundPlanSchema.safeParse(item);
      return parsed.success ? parsed.data : undefined;
    },
    async noteCall(ref, callSid) {
      await conditional(() =>
        documents.update({
          TableName: table,
          Key: keyOf(ref),
          UpdateExpression: 'SET callSid = :callSid',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':callSid': callSid },
        }),
      );
    },
  };
}
