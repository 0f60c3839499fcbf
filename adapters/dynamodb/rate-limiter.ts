/** Sliding windows in the `limits` table: one item per rule and subject, one write per check. */
import type { RateLimiter } from '#core/ports/rate-limiter.ts';
import { type RateDecision, ruleLifeSecs } from '#core/rate-limits/sliding-window.ts';
import type { Documents } from './documents.ts';
import { isConditionFailed, request } from './failures.ts';
import {
  countingParts,
  isOpenCondition,
  judgeCounted,
  judgeUncounted,
  type SlotCounter,
} from './slot-counter.ts';

async function take(counter: SlotCounter): Promise<RateDecision> {
  const { documents, table, pk, rule, nowMs } = counter;
  const { add, remove, names, values } = countingParts(counter);
  try {
    const { Attributes: item } = await documents.update({
      TableName: table,
      Key: { pk },
      UpdateExpression: `${add} SET expiresAt = :expiresAt ${remove}`,
      ConditionExpression: isOpenCondition,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: {
        ...values,
        ':expiresAt': Math.ceil(nowMs / 1000) + ruleLifeSecs(rule),
      },
      ReturnValues: 'ALL_NEW',
    });
    return await judgeCounted(counter, item);
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    return refusedByClosed(counter);
  }
}

/** Nothing was counted: whoever comes now is refused, though the counter may have opened meanwhile. */
async function refusedByClosed({ documents, table, pk, rule, nowMs }: SlotCounter): Promise<RateDecision> {
  const { Item: item } = await documents.get({ TableName: table, Key: { pk }, ConsistentRead: true });
  const decision = judgeUncounted(rule, item, nowMs);
  return decision.allowed
    ? { ...decision, allowed: false, remaining: 0, resetSeconds: 1, retryAtMs: nowMs + 1 }
    : decision;
}

/**
 * Counting comes before judging, so that of many at once never more than the limit get through. A write whose answer
 * was lost may count twice: the limit errs to the strict side.
 */
export function createDynamoRateLimiter(documents: Documents, table: string, now: () => Date): RateLimiter {
  return {
    take: (rule, subject) =>
      request(() =>
        take({ documents, table, pk: `RATE#${rule.name}#${subject}`, rule, nowMs: now().getTime() }),
      ),
  };
}
