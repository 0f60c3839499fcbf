import { createHmac } from 'node:crypto';

/** 128 bits: no two callers meet by chance. */
const hexChars = 32;

/** @returns a function from a value to its HMAC-SHA256 in hex, cut to 32 characters; the same for the same key. */
export function createKeyedHash(key: string): (value: string) => string {
  return (value) => createHmac('sha256', key).update(value).digest('hex').slice(0, hexChars);
}
