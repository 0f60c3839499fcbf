/** Sliding windows in the `limits` table: one item per rule and subject, one write per check. */
import type { RateLimiter } from '#core/ports/rate-limiter.ts';
import {
  currentSlots,
  isOutlived,
  judge,
  outlivedSlots,
  type RateDecision,
  type RateRule,
  ruleLifeSecs,
  type SlotCounts,
  slotsPerWindow,
} from '#core/rate-limits/sliding-window.ts';
import type { Documents, Item } from './documents.ts';
import { isConditionFailed, request } from './failures.ts';

interface Counter {
  readonly documents: Documents;
  readonly table: string;
  readonly pk: string;
  readonly rule: RateRule;
  readonly nowMs: number;
}

const countsOf = (item: Item | undefined): SlotCounts =>
  Object.fromEntries(
    Object.entries(item ?? {}).filter((entry): entry is [string, number] => /^w\d+_/.test(entry[0])),
  );

const named = (names: readonly string[]) => Object.fromEntries(names.map((name) => [`#${name}`, name]));

/** Counts the request, unless the counter is closed. @returns undefined when it is. */
async function countIn({ documents, table, pk, rule, nowMs }: Counter): Promise<SlotCounts | undefined> {
  const slots = currentSlots(rule, nowMs);
  const outlived = outlivedSlots(rule, nowMs);
  try {
    const { Attributes: item } = await documents.update({
      TableName: table,
      Key: { pk },
      UpdateExpression: `ADD ${slots.map((slot) => `#${slot} :one`).join(', ')} SET expiresAt = :expiresAt REMOVE ${outlived.map((slot) => `#${slot}`).join(', ')}`,
      // What is not there compares as false: a counter that was never closed is open.
      ConditionExpression: 'NOT closedUntilMs > :nowMs',
      ExpressionAttributeNames: named([...slots, ...outlived]),
      ExpressionAttributeValues: {
        ':one': 1,
        ':nowMs': nowMs,
        ':expiresAt': Math.ceil(nowMs / 1000) + ruleLifeSecs(rule),
      },
      ReturnValues: 'ALL_NEW',
    });
    return countsOf(item);
  } catch (error) {
    if (isConditionFailed(error)) return undefined;
    throw error;
  }
}

/** Takes a refused request out again, and lets nobody count before there is room. */
const close = ({ documents, table, pk, rule, nowMs }: Counter, untilMs: number) => {
  const slots = currentSlots(rule, nowMs);
  return documents.update({
    TableName: table,
    Key: { pk },
    UpdateExpression: `ADD ${slots.map((slot) => `#${slot} :less`).join(', ')} SET closedUntilMs = :untilMs`,
    ExpressionAttributeNames: named(slots),
    ExpressionAttributeValues: { ':less': -1, ':untilMs': untilMs },
  });
};

/** Outlived slots that are worth a write of their own. */
const leftSlotsMax = slotsPerWindow;

/** After a pause slots are left that no write would find by itself. */
const sweep = ({ documents, table, pk }: Counter, names: readonly string[]) =>
  documents.update({
    TableName: table,
    Key: { pk },
    UpdateExpression: `REMOVE ${names.map((name) => `#${name}`).join(', ')}`,
    ExpressionAttributeNames: named(names),
  });

async function closedDecision({ documents, table, pk, rule, nowMs }: Counter): Promise<RateDecision> {
  const { Item: item } = await documents.get({ TableName: table, Key: { pk }, ConsistentRead: true });
  const decision = judge(rule, countsOf(item), nowMs);
  const untilMs = Number(item?.['closedUntilMs'] ?? nowMs);
  const retryAtMs = Math.max(untilMs, nowMs + 1);
  const resetSeconds = Math.max(1, Math.ceil((retryAtMs - nowMs) / 1000));
  return { ...decision, allowed: false, remaining: 0, resetSeconds, retryAtMs };
}

/**
 * Counting comes before judging, so that of many at once never more than the limit get through. A write whose answer
 * was lost may count twice: the limit errs to the strict side.
 */
export function createDynamoRateLimiter(documents: Documents, table: string, now: () => Date): RateLimiter {
  return {
    take: (rule, subject) =>
      request(async () => {
        const counter = {
          documents,
          table,
          pk: `RATE#${rule.name}#${subject}`,
          rule,
          nowMs: now().getTime(),
        };
        const counts = await countIn(counter);
        if (!counts) return closedDecision(counter);
        const decision = judge(rule, counts, counter.nowMs);
        if (!decision.allowed) await close(counter, decision.retryAtMs);
        const left = Object.keys(counts).filter((name) => isOutlived(rule, name, counter.nowMs));
        if (left.length > leftSlotsMax) await sweep(counter, left);
        return decision;
      }),
  };
}
