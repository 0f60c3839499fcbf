import { type Conduct, conductSchema } from '#core/abuse/conduct.ts';
import type { ConductStore } from '#core/ports/conduct-store.ts';
import type { Documents, Item } from './documents.ts';
import { request } from './failures.ts';

/** Longer than a block and the suspicion after it. */
const keptSecs = 2 * 86_400;

export const conductKey = (hash: string) => ({ pk: `CONDUCT#${hash}` });

/** What cannot be read is held against nobody. */
export function toConduct(item: Item | undefined): Conduct | undefined {
  const parsed = conductSchema.safeParse(item);
  return parsed.success ? parsed.data : undefined;
}

export function createDynamoConductStore(documents: Documents, table: string, now: () => Date): ConductStore {
  return {
    async find(hash) {
      const { Item: item } = await request(() => documents.get({ TableName: table, Key: conductKey(hash) }));
      return toConduct(item);
    },
    async put(hash, conduct) {
      const expiresAt = Math.ceil(now().getTime() / 1000) + keptSecs;
      const item = { ...conductKey(hash), ...conduct, expiresAt };
      await request(() => documents.put({ TableName: table, Item: item }));
    },
  };
}
