/** Many items by their keys, in the portions DynamoDB takes. */
import { ProviderError } from '#core/errors.ts';
import type { Documents, Item } from './documents.ts';
import { request } from './failures.ts';

/** BatchGetItem takes 100 keys. */
const batchKeysMax = 100;
/** Times that keys the service did not answer are asked for again. */
const attemptsMax = 4;

const notAnswered = () =>
  new ProviderError('The database did not answer all keys', { provider: 'dynamodb', failure: 'overloaded' });

interface Source {
  readonly documents: Documents;
  readonly table: string;
}

/** @param keys no two alike. @returns what is there, in any order. */
export async function readKeys(
  source: Source,
  keys: readonly Item[],
  options: { readonly consistent?: boolean } = {},
): Promise<readonly Item[]> {
  const portions = Array.from({ length: Math.ceil(keys.length / batchKeysMax) }, (_, i) =>
    keys.slice(i * batchKeysMax, (i + 1) * batchKeysMax),
  );
  return (await Promise.all(portions.map((some) => readPortion(source, some, options)))).flat();
}

async function readPortion(
  { documents, table }: Source,
  keys: readonly Item[],
  { consistent = false }: { readonly consistent?: boolean },
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let left = keys;
  for (let attempt = 0; left.length > 0; attempt += 1) {
    if (attempt >= attemptsMax) throw notAnswered();
    const asked = { Keys: [...left], ConsistentRead: consistent };
    const answer = await request(() => documents.batchGet({ RequestItems: { [table]: asked } }));
    found.push(...(answer.Responses[table] ?? []));
    left = answer.UnprocessedKeys[table]?.Keys ?? [];
  }
  return found;
}
