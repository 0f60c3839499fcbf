/** What the `limits` table keeps of a caller, or of a visitor of the web page: conduct, calls of the hour, a block. */
import { type Conduct, conductSchema } from '#core/abuse/conduct.ts';
import type { Item } from './documents.ts';

/** Longer than a block for misconduct and the suspicion after it. */
export const callerLifeSecs = 2 * 86_400;

/** The end of the calendar: a block that holds until it is lifted. */
export const foreverSecs = Date.parse('9999-12-31T23:59:59Z') / 1000;

const prefix = 'CALLER#';
export const callerKey = (hash: string) => ({ pk: `${prefix}${hash}` });
export const callerHashOf = (pk: string): string => pk.slice(prefix.length);

/** What cannot be read is held against nobody. */
export function conductOf(item: Item | undefined): Conduct | undefined {
  const parsed = conductSchema.safeParse(item?.['conduct']);
  return parsed.success ? parsed.data : undefined;
}

/** Written by whoever may not disturb a block: what is not there is not greater. */
export const notBlockedCondition = 'NOT blockedUntilSecs > :nowSecs';

export const isBlockInForce = (item: Item | undefined, now: Date): boolean =>
  Number(item?.['blockedUntilSecs'] ?? 0) * 1000 > now.getTime();
