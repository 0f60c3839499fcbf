import { createHash } from 'node:crypto';

/** 128 bits: enough that nobody finds another id, short enough for a token. */
const digestBytes = 16;

/** What a stream token holds of a visitor's id: tells it again, does not tell it. */
export const visitorDigest = (visitorId: string): string =>
  createHash('sha256').update(visitorId).digest().subarray(0, digestBytes).toString('base64url');
