/** What changes a record that is there: fields, the carrier's status, the end. */
import { randomUUID } from 'node:crypto';
import type { CallSid } from '#core/ids.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import {
  type CallEnding,
  type CallRecordChange,
  type CallStatus,
  type CostSummary,
  finalStatuses,
} from '#core/records/call-record.ts';
import { recordKeyOf } from './call-items.ts';
import type { CallTable } from './call-table.ts';
import type { Item } from './documents.ts';
import { conditional, request } from './failures.ts';

const finals = {
  none: `NOT #status IN (${finalStatuses.map((_, i) => `:final${i}`).join(', ')})`,
  values: Object.fromEntries(finalStatuses.map((status, i) => [`:final${i}`, status])),
};

interface Write {
  readonly fields: object;
  /** Beside that the record exists. */
  readonly conditions?: readonly string[];
  readonly values?: Item;
}

/** @returns false when there is no such record, or a condition does not hold. */
function setFields({ documents, table }: CallTable, callSid: CallSid, write: Write): Promise<boolean> {
  const entries = Object.entries(write.fields).filter(([, value]) => value !== undefined);
  const conditions = ['attribute_exists(pk)', ...(write.conditions ?? [])];
  const names = new Set([
    ...entries.map(([name]) => name),
    ...(conditions.includes(finals.none) ? ['status'] : []),
  ]);
  return conditional(() =>
    documents.update({
      TableName: table,
      Key: recordKeyOf(callSid),
      UpdateExpression: `SET ${entries.map(([name]) => `#${name} = :${name}`).join(', ')}`,
      ConditionExpression: conditions.join(' AND '),
      ExpressionAttributeNames: Object.fromEntries([...names].map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: {
        ...Object.fromEntries(entries.map(([name, value]) => [`:${name}`, value])),
        ...write.values,
      },
    }),
  );
}

/** Sets the status too unless the call has a final one, which is never undone. */
async function setWithStatus(
  calls: CallTable,
  callSid: CallSid,
  write: Write & { readonly status: CallStatus },
): Promise<boolean> {
  const { fields, conditions = [], status } = write;
  const withStatus = {
    fields: { ...fields, status },
    conditions: [...conditions, finals.none],
    values: finals.values,
  };
  if (await setFields(calls, callSid, withStatus)) return true;
  return setFields(calls, callSid, { fields, conditions });
}

export async function update(calls: CallTable, callSid: CallSid, change: CallRecordChange): Promise<boolean> {
  const { status, ...others } = change;
  // Never empty, so that the answer says whether there is a record.
  const fields = { callSid, ...others };
  return status === undefined
    ? setFields(calls, callSid, { fields })
    : setWithStatus(calls, callSid, { fields, status });
}

/** Callbacks come repeated and in any order: a final status is never undone, an older one never applied. */
export function applyStatus(
  calls: CallTable,
  callSid: CallSid,
  status: CallStatus,
  { sequence, at, durationSecs }: Parameters<CallStore['applyStatus']>[2],
): Promise<boolean> {
  const isFinal = finalStatuses.includes(status);
  const newer = '(attribute_not_exists(statusSequence) OR statusSequence < :statusSequence)';
  return setFields(calls, callSid, {
    fields: { status, statusSequence: sequence, statusAt: at.toISOString(), durationSecs },
    conditions: [finals.none, ...(isFinal ? [] : [newer])],
    values: finals.values,
  });
}

export const reviseSummary = (
  calls: CallTable,
  callSid: CallSid,
  costSummary: CostSummary,
): Promise<boolean> =>
  setFields(calls, callSid, { fields: { costSummary }, conditions: ['attribute_exists(costSummary)'] });

interface EndingAttempt {
  /** Stored with the ending: whose it is. */
  readonly finishedBy: string;
  told: boolean;
}

/**
 * Ends a call once. A write whose answer was lost is sent again, by the SDK or by the caller with the same `ending`,
 * and then finds the call ended: `finishedBy` shows that it was us, so that the summary line is written after all.
 */
export function createFinish(calls: CallTable): CallStore['finish'] {
  const attempts = new WeakMap<CallEnding, EndingAttempt>();
  return async (callSid, ending) => {
    const attempt = attempts.get(ending) ?? { finishedBy: randomUUID(), told: false };
    attempts.set(ending, attempt);
    if (attempt.told) return false;
    attempt.told =
      (await setWithStatus(calls, callSid, {
        fields: { ...ending, finishedBy: attempt.finishedBy },
        conditions: ['attribute_not_exists(costSummary)'],
        status: 'completed',
      })) || (await finishedBy(calls, callSid)) === attempt.finishedBy;
    return attempt.told;
  };
}

async function finishedBy({ documents, table }: CallTable, callSid: CallSid): Promise<unknown> {
  const { Item: item } = await request(() =>
    documents.get({
      TableName: table,
      Key: recordKeyOf(callSid),
      ProjectionExpression: 'finishedBy',
      ConsistentRead: true,
    }),
  );
  return item?.['finishedBy'];
}
