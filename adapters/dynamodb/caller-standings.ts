import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ProviderError } from '#core/errors.ts';
import type { CallerStandings } from '#core/ports/caller-standings.ts';
import { blockKey, isBlockInForce } from './block-list.ts';
import { conductKey, toConduct } from './conduct-store.ts';
import { request } from './failures.ts';

export function createDynamoCallerStandings(
  documents: DynamoDBDocumentClient,
  table: string,
  now: () => Date,
): CallerStandings {
  return {
    async find(callerHash) {
      const keys = { block: blockKey(callerHash), conduct: conductKey(callerHash) };
      const { Responses: responses, UnprocessedKeys: left } = await request(() =>
        documents.send(
          new BatchGetCommand({ RequestItems: { [table]: { Keys: [keys.block, keys.conduct] } } }),
        ),
      );
      // No second request while a caller waits: the limits still hold without an answer.
      if (left?.[table] !== undefined)
        throw new ProviderError('The database did not read all items', {
          provider: 'dynamodb',
          failure: 'overloaded',
        });
      const itemOf = ({ pk }: { readonly pk: string }) =>
        responses?.[table]?.find((item) => item['pk'] === pk);
      return {
        isBlocked: isBlockInForce(itemOf(keys.block), now()),
        conduct: toConduct(itemOf(keys.conduct)),
      };
    },
  };
}
