/** API keys are known by their digests only. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** SHA-256 in hex. Keys are long and random, so a plain digest is enough. */
export function digestApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

export interface KnownKey {
  readonly id: string;
  readonly sha256: string;
  readonly scopes: readonly string[];
  /** ISO 8601. */
  readonly expiresAt?: string | undefined;
}

/** Compares with every known key in constant time. @returns the key, unless there is none or it has expired. */
export function findApiKey(known: readonly KnownKey[], given: string, now: Date): KnownKey | undefined {
  const digest = Buffer.from(digestApiKey(given), 'hex');
  let found: KnownKey | undefined;
  for (const key of known) {
    const expected = Buffer.from(key.sha256, 'hex');
    if (expected.length === digest.length && timingSafeEqual(expected, digest)) found = key;
  }
  if (found?.expiresAt !== undefined && new Date(found.expiresAt) <= now) return undefined;
  return found;
}

/** Whether two secrets are the same, in constant time. */
export function isSameSecret(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(digestApiKey(a), 'hex'), Buffer.from(digestApiKey(b), 'hex'));
}
