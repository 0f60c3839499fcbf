/** Idempotency keys in the `limits` table: whoever writes the item first does the work. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Begun, Idempotency } from '#core/ports/idempotency.ts';
import type { Documents } from './documents.ts';
import { conditional, request } from './failures.ts';

const keptSecs = 24 * 3_600;
/** A function may run for 30 s; after twice that it is certainly dead. */
const lockMs = 60_000;

const itemSchema = z.object({
  fingerprint: z.string(),
  ref: z.string(),
  owner: z.string(),
  state: z.enum(['running', 'unclear', 'done']),
  sinceMs: z.number(),
  lockedUntilMs: z.number(),
  status: z.number().optional(),
  body: z.string().optional(),
});
type Item = z.infer<typeof itemSchema>;

interface Memory {
  readonly documents: Documents;
  readonly table: string;
  readonly now: () => Date;
}

const keyOf = (id: string) => ({ pk: `IDEMPOTENT#${id}` });

const create = ({ documents, table }: Memory, id: string, item: Item): Promise<boolean> =>
  conditional(() =>
    documents.put({
      TableName: table,
      Item: { ...keyOf(id), ...item, expiresAt: Math.ceil(item.sinceMs / 1000) + keptSecs },
      ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :nowSecs',
      ExpressionAttributeValues: { ':nowSecs': Math.floor(item.sinceMs / 1000) },
    }),
  );

async function read({ documents, table }: Memory, id: string): Promise<Item | undefined> {
  const { Item: item } = await request(() =>
    documents.get({ TableName: table, Key: keyOf(id), ConsistentRead: true }),
  );
  return item === undefined ? undefined : itemSchema.parse(item);
}

/** Changes an item that is still in the hands, and in the state, that we know. @returns whether it was. */
function change(
  { documents, table }: Memory,
  id: string,
  expected: Partial<Item>,
  fields: Partial<Item>,
): Promise<boolean> {
  const names = [...new Set([...Object.keys(fields), ...Object.keys(expected)])];
  const valuesOf = (mark: string, values: Partial<Item>) =>
    Object.entries(values).map(([name, value]) => [`:${mark}${name}`, value]);
  return conditional(() =>
    documents.update({
      TableName: table,
      Key: keyOf(id),
      UpdateExpression: `SET ${Object.keys(fields)
        .map((name) => `#${name} = :new${name}`)
        .join(', ')}`,
      ConditionExpression: Object.keys(expected)
        .map((name) => `#${name} = :old${name}`)
        .join(' AND '),
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: Object.fromEntries([
        ...valuesOf('new', fields),
        ...valuesOf('old', expected),
      ]),
    }),
  );
}

async function begin(memory: Memory, id: string, fingerprint: string): Promise<Begun> {
  const nowMs = memory.now().getTime();
  const owner = randomUUID();
  const lockedUntilMs = nowMs + lockMs;
  const fresh: Item = { fingerprint, ref: owner, owner, state: 'running', sinceMs: nowMs, lockedUntilMs };
  if (await create(memory, id, fresh)) return { is: 'first', ref: owner, owner };
  const found = await read(memory, id);
  // Given back between the two requests: whoever asks again is the first.
  if (!found) return { is: 'running' };
  // Our own write, whose answer was lost and which the SDK has sent again.
  if (found.owner === owner) return { is: 'first', ref: owner, owner };
  if (found.fingerprint !== fingerprint) return { is: 'other-request' };
  if (found.state === 'done')
    return { is: 'done', answer: { status: found.status ?? 500, body: found.body ?? '' } };
  if (found.state === 'running' && found.lockedUntilMs > nowMs) return { is: 'running' };
  // Only one may go on with what another has left.
  const expected = { owner: found.owner, state: found.state };
  if (!(await change(memory, id, expected, { owner, state: 'running', lockedUntilMs })))
    return { is: 'running' };
  return { is: 'again', ref: found.ref, owner, since: new Date(found.sinceMs) };
}

const remove = ({ documents, table }: Memory, id: string, owner: string): Promise<boolean> =>
  conditional(() =>
    documents.delete({
      TableName: table,
      Key: keyOf(id),
      ConditionExpression: '#owner = :mine',
      ExpressionAttributeNames: { '#owner': 'owner' },
      ExpressionAttributeValues: { ':mine': owner },
    }),
  );

export function createDynamoIdempotency(documents: Documents, table: string, now: () => Date): Idempotency {
  const memory = { documents, table, now };
  return {
    begin: (id, fingerprint) => begin(memory, id, fingerprint),
    async complete(id, owner, { status, body }) {
      await change(memory, id, { owner }, { state: 'done', status, body });
    },
    async release(id, owner, how) {
      if (how === 'unclear') await change(memory, id, { owner }, { state: 'unclear' });
      else await remove(memory, id, owner);
    },
  };
}
