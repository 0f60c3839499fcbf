/** The slots of a sliding window as attributes of an item: what counters of requests and items of callers share. */
import {
  currentSlots,
  isOutlived,
  judge,
  outlivedSlots,
  type RateDecision,
  type RateRule,
  type SlotCounts,
  slotsPerWindow,
} from '#core/rate-limits/sliding-window.ts';
import type { Documents, Item } from './documents.ts';

export interface SlotCounter {
  readonly documents: Documents;
  readonly table: string;
  readonly pk: string;
  readonly rule: RateRule;
  readonly nowMs: number;
}

/** A counter that is over its limit is closed: nobody counts before there is room. What is not there is not greater. */
export const isOpenCondition = 'NOT #closed > :nowMs';

/**
 * Closed for those who are held to the same limit only: of two numbers with one counter a caller may be over the limit
 * of one, and must reach the crisis line that has a higher one.
 */
const closedName = ({ windows }: RateRule): string => `closed_${windows.map(({ max }) => max).join('_')}`;

const countsOf = (item: Item | undefined): SlotCounts =>
  Object.fromEntries(
    Object.entries(item ?? {}).filter((entry): entry is [string, number] => /^w\d+_/.test(entry[0])),
  );

const named = (names: readonly string[]) => Object.fromEntries(names.map((name) => [`#${name}`, name]));

/** The parts of an update that counts one request in, with names and values of its condition. */
export function countingParts({ rule, nowMs }: Pick<SlotCounter, 'rule' | 'nowMs'>) {
  const slots = currentSlots(rule, nowMs);
  const outlived = outlivedSlots(rule, nowMs);
  return {
    add: `ADD ${slots.map((slot) => `#${slot} :one`).join(', ')}`,
    remove: `REMOVE ${outlived.map((slot) => `#${slot}`).join(', ')}`,
    names: { ...named([...slots, ...outlived]), '#closed': closedName(rule) },
    values: { ':one': 1, ':nowMs': nowMs },
  };
}

/** @param item as it is with this request counted in: one that is over the limit is taken out again. */
export async function judgeCounted(counter: SlotCounter, item: Item | undefined): Promise<RateDecision> {
  const { rule, nowMs } = counter;
  const counts = countsOf(item);
  const decision = judge(rule, counts, nowMs);
  if (!decision.allowed) await close(counter, decision.retryAtMs);
  const left = Object.keys(counts).filter((name) => isOutlived(rule, name, nowMs));
  if (left.length > leftSlotsMax) await sweep(counter, left);
  return decision;
}

/** @param item of a counter that did not count: allowed when it is not, or no longer, closed. */
export function judgeUncounted(rule: RateRule, item: Item | undefined, nowMs: number): RateDecision {
  const decision = judge(rule, countsOf(item), nowMs);
  const closedUntilMs = Number(item?.[closedName(rule)] ?? 0);
  if (closedUntilMs <= nowMs) return decision;
  const resetSeconds = Math.max(1, Math.ceil((closedUntilMs - nowMs) / 1000));
  return { ...decision, allowed: false, remaining: 0, resetSeconds, retryAtMs: closedUntilMs };
}

/** Takes a refused request out again, and lets nobody count before there is room. */
function close({ documents, table, pk, rule, nowMs }: SlotCounter, untilMs: number): Promise<unknown> {
  const slots = currentSlots(rule, nowMs);
  return documents.update({
    TableName: table,
    Key: { pk },
    UpdateExpression: `ADD ${slots.map((slot) => `#${slot} :less`).join(', ')} SET #closed = :untilMs`,
    ExpressionAttributeNames: { ...named(slots), '#closed': closedName(rule) },
    ExpressionAttributeValues: { ':less': -1, ':untilMs': untilMs },
  });
}

/** Outlived slots that are worth a write of their own. */
const leftSlotsMax = slotsPerWindow;

/** After a pause slots are left that no write would find by itself. */
const sweep = ({ documents, table, pk }: SlotCounter, names: readonly string[]): Promise<unknown> =>
  documents.update({
    TableName: table,
    Key: { pk },
    UpdateExpression: `REMOVE ${names.map((name) => `#${name}`).join(', ')}`,
    ExpressionAttributeNames: named(names),
  });
