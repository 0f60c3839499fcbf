import type { CallerGate, Knock, KnockingCall } from '#core/ports/caller-gate.ts';
import type { RateRule } from '#core/rate-limits/sliding-window.ts';
import { createDynamoBlockList } from './block-list.ts';
import { callerKey, callerLifeSecs, conductOf, isBlockInForce, notBlockedCondition } from './caller-items.ts';
import type { Documents, Item } from './documents.ts';
import { isConditionFailed, request } from './failures.ts';
import { countingParts, isOpenCondition, judgeCounted, judgeUncounted } from './slot-counter.ts';

/** Only a call that may come in is counted, and once. What is not there is not greater, and not the same. */
const mayCount = [
  notBlockedCondition,
  isOpenCondition,
  'NOT conduct.blockedUntilMs > :nowMs',
  'lastCallSid <> :callSid',
].join(' AND ');

export interface GateTable {
  readonly documents: Documents;
  readonly table: string;
  readonly now: () => Date;
}

export function createDynamoCallerGate({ documents, table, now }: GateTable): CallerGate {
  const knock = async ({ callSid, callerHash }: KnockingCall, rule: RateRule): Promise<Knock> => {
    const Key = callerKey(callerHash);
    const nowMs = now().getTime();
    const nowSecs = Math.ceil(nowMs / 1000);
    const { add, remove, names, values } = countingParts({ rule, nowMs });
    try {
      const { Attributes: item } = await documents.update({
        TableName: table,
        Key,
        UpdateExpression: `${add} SET expiresAt = :expiresAt, lastCallSid = :callSid ${remove}`,
        ConditionExpression: mayCount,
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: {
          ...values,
          ':nowSecs': nowMs / 1000,
          ':callSid': callSid,
          ':expiresAt': nowSecs + callerLifeSecs,
        },
        ReturnValues: 'ALL_NEW',
      });
      const decision = await judgeCounted({ documents, table, ...Key, rule, nowMs }, item);
      return { kind: 'counted', conduct: conductOf(item), decision };
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
    }
    const { Item: item } = await documents.get({ TableName: table, Key, ConsistentRead: true });
    return uncounted(item, callSid, rule, nowMs);
  };
  return {
    ...createDynamoBlockList(documents, table, now),
    knock: (call, rule) => request(() => knock(call, rule)),
  };
}

/** Why it was not counted. A reason that is over by now is none. */
function uncounted(item: Item | undefined, callSid: string, rule: RateRule, nowMs: number): Knock {
  if (isBlockInForce(item, new Date(nowMs))) return { kind: 'blocked' };
  const conduct = conductOf(item);
  if (conduct && (conduct.blockedUntilMs ?? 0) > nowMs) return { kind: 'shut-out', conduct };
  const decision = judgeUncounted(rule, item, nowMs);
  if (decision.allowed && item?.['lastCallSid'] === callSid) return { kind: 'repeated', conduct };
  return { kind: 'counted', conduct, decision };
}
