import type { ConductStore } from '#core/ports/conduct-store.ts';
import { callerKey, callerLifeSecs, conductOf, notBlockedCondition } from './caller-items.ts';
import type { Documents } from './documents.ts';
import { conditional, request } from './failures.ts';

export function createDynamoConductStore(documents: Documents, table: string, now: () => Date): ConductStore {
  return {
    async find(hash) {
      const { Item: item } = await request(() => documents.get({ TableName: table, Key: callerKey(hash) }));
      return conductOf(item);
    },
    async put(hash, conduct) {
      const nowSecs = now().getTime() / 1000;
      // Of a blocked caller nothing needs to be noted, and the block keeps its own time.
      await conditional(() =>
        documents.update({
          TableName: table,
          Key: callerKey(hash),
          UpdateExpression: 'SET conduct = :conduct, expiresAt = :expiresAt',
          ConditionExpression: notBlockedCondition,
          ExpressionAttributeValues: {
            ':conduct': conduct,
            ':nowSecs': nowSecs,
            ':expiresAt': Math.ceil(nowSecs) + callerLifeSecs,
          },
        }),
      );
    },
  };
}
