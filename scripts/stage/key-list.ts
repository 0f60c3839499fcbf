/** The list of API keys as it is kept: digests only. Pure. */
import type * as z from 'zod';
import type { Scope } from '#core/http/routes.ts';
import { functionsConfigSchema } from '#lambdas/config.ts';
import { UsageError } from '#local/command-line.ts';

export const keyListSchema = functionsConfigSchema.shape.API_KEYS.unwrap();
export type KeyList = z.output<typeof keyListSchema>;

const idPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

export interface NewKey {
  readonly id: string;
  readonly sha256: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt?: string;
}

/** Throws `UsageError`. A client that changes its key has two for a while, under two ids. */
export function withKey(keys: KeyList, { id, sha256, scopes, expiresAt }: NewKey): KeyList {
  if (!idPattern.test(id))
    throw new UsageError(`"${id}" is no id: small letters, digits and hyphens, such as crm-2.`);
  if (keys.some((key) => key.id === id))
    throw new UsageError(`There is a key "${id}". To replace it, create "${id}-2", then revoke "${id}".`);
  return [...keys, { id, sha256, scopes: [...scopes], ...(expiresAt === undefined ? {} : { expiresAt }) }];
}

/** Throws `UsageError`. */
export function withoutKey(keys: KeyList, id: string): KeyList {
  const left = keys.filter((key) => key.id !== id);
  if (left.length === keys.length)
    throw new UsageError(
      `There is no key "${id}". There are: ${keys.map((key) => key.id).join(', ') || 'none'}.`,
    );
  return left;
}

/** One line a key, without anything that could be used. */
export function describeKey({ id, scopes, expiresAt }: KeyList[number], now: Date): string {
  const end =
    expiresAt === undefined
      ? 'until it is revoked'
      : Date.parse(expiresAt) <= now.getTime()
        ? `EXPIRED ${expiresAt}`
        : `until ${expiresAt}`;
  return `${id}  ${scopes.join(',')}  ${end}`;
}
