import { ProviderError } from '#core/errors.ts';
import type { CallerLookup } from '#core/ports/caller-lookup.ts';
import { blockKey, isBlockInForce } from './block-list.ts';
import { recordKeyOf, toLiveRecord } from './call-items.ts';
import { conductKey, toConduct } from './conduct-store.ts';
import type { Documents, Item } from './documents.ts';
import { request } from './failures.ts';

export interface LookupTables {
  readonly documents: Documents;
  readonly callsTable: string;
  readonly limitsTable: string;
  readonly now: () => Date;
}

export function createDynamoCallerLookup(tables: LookupTables): CallerLookup {
  const { documents, callsTable, limitsTable, now } = tables;
  return {
    async find({ callSid, callerHash }) {
      const [block, conduct] = [blockKey(callerHash), conductKey(callerHash)];
      const { Responses: found, UnprocessedKeys: left } = await request(() =>
        documents.batchGet({
          RequestItems: {
            [limitsTable]: { Keys: [block, conduct] },
            [callsTable]: { Keys: [recordKeyOf(callSid)], ConsistentRead: true },
          },
        }),
      );
      // No second request while a caller waits: the limits still hold without an answer.
      if (Object.keys(left).length > 0)
        throw new ProviderError('The database did not read all items', {
          provider: 'dynamodb',
          failure: 'overloaded',
        });
      const limitOf = ({ pk }: { readonly pk: string }): Item | undefined =>
        found[limitsTable]?.find((item) => item['pk'] === pk);
      return {
        isBlocked: isBlockInForce(limitOf(block), now()),
        conduct: toConduct(limitOf(conduct)),
        record: toLiveRecord(found[callsTable]?.[0], now()),
      };
    },
  };
}
