import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { conductSchema } from '#core/abuse/conduct.ts';
import type { ConductStore } from '#core/ports/conduct-store.ts';
import { request } from './failures.ts';

/** Longer than a block and the suspicion after it. */
const keptSecs = 2 * 86_400;

export function createDynamoConductStore(
  documents: DynamoDBDocumentClient,
  table: string,
  now: () => Date,
): ConductStore {
  const keyOf = (hash: string) => ({ pk: `CONDUCT#${hash}` });
  return {
    async find(hash) {
      const { Item: item } = await request(() =>
        documents.send(new GetCommand({ TableName: table, Key: keyOf(hash) })),
      );
      const parsed = conductSchema.safeParse(item);
      return parsed.success ? parsed.data : undefined;
    },
    async put(hash, conduct) {
      const expiresAt = Math.ceil(now().getTime() / 1000) + keptSecs;
      const item = { ...keyOf(hash), ...conduct, expiresAt };
      await request(() => documents.send(new PutCommand({ TableName: table, Item: item })));
    },
  };
}
