/** Many small writes at once, in the portions DynamoDB takes. */
import { setTimeout as wait } from 'node:timers/promises';
import { isProviderError, ProviderError } from '#core/errors.ts';
import type { CallTable } from './call-table.ts';
import type { Write } from './documents.ts';
import { request } from './failures.ts';

/** BatchWriteItem takes 25 items. */
export const batchItemsMax = 25;
/** Items the service did not take are sent again this often. */
const attemptsMax = 4;
/** Pauses of a patient writer: twice as long each time, up to this. */
const pauseFirstMs = 50;
const pauseMaxMs = 2_000;

/** Where they go. */
type Target = Pick<CallTable, 'documents' | 'table'>;

/**
 * @param writes no two of the same key: DynamoDB refuses such a batch.
 * @param options.patienceMs how long a batch may wait, with growing pauses, for room in the table. Without it, it is
 * sent a few times at once: somebody waits for the answer.
 */
export async function writeBatches(
  calls: Target,
  writes: readonly Write[],
  options: { readonly patienceMs?: number } = {},
): Promise<void> {
  for (let at = 0; at < writes.length; at += batchItemsMax)
    await writeBatch(calls, writes.slice(at, at + batchItemsMax), options);
}

const notTaken = () =>
  new ProviderError('The database did not take all items', { provider: 'dynamodb', failure: 'overloaded' });

async function writeBatch(
  target: Target,
  writes: readonly Write[],
  { patienceMs }: { readonly patienceMs?: number },
): Promise<void> {
  const patience = patienceMs === undefined ? undefined : AbortSignal.timeout(patienceMs);
  let left = writes;
  for (let attempt = 0; patience !== undefined || attempt < attemptsMax; attempt += 1) {
    if (attempt > 0 && patience) await pause(attempt, patience);
    left = await send(target, left, patience !== undefined);
    if (left.length === 0) return;
  }
  throw notTaken();
}

/** Full jitter: lanes that were refused together do not come back together. */
async function pause(attempt: number, signal: AbortSignal): Promise<void> {
  const longestMs = Math.min(pauseMaxMs, pauseFirstMs * 2 ** (attempt - 1));
  try {
    await wait(Math.random() * longestMs, undefined, { signal });
  } catch {
    throw notTaken();
  }
}

/** @returns what was not taken; nothing at all may have been. */
async function send(
  { documents, table }: Target,
  writes: readonly Write[],
  isPatient: boolean,
): Promise<readonly Write[]> {
  try {
    const result = await request(() => documents.batchWrite({ RequestItems: { [table]: writes } }));
    return result.UnprocessedItems[table] ?? [];
  } catch (error) {
    if (isPatient && isProviderError(error) && error.failure === 'overloaded') return writes;
    throw error;
  }
}
