/** Identifiers that cross process borders, as branded strings with their parsers. */
import * as z from 'zod';

const twilioSid = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}[0-9a-fA-F]{32}$`), `must be ${prefix} and 32 hexadecimal digits`);

/** Twilio's identity of one call leg: `CA` and 32 hex digits, the same on every webhook of the leg. */
export const callSidSchema = twilioSid('CA').brand('CallSid');
export type CallSid = z.infer<typeof callSidSchema>;

/** Twilio's identity of one media stream: `MZ` and 32 hex digits. A reconnected call has a new one. */
export const streamSidSchema = twilioSid('MZ').brand('StreamSid');
export type StreamSid = z.infer<typeof streamSidSchema>;

/** Twilio's identity of an account: `AC` and 32 hex digits. */
export const accountSidSchema = twilioSid('AC').brand('AccountSid');
export type AccountSid = z.infer<typeof accountSidSchema>;

/** The number of an assistant turn within its call, from 1. Every event of a reply carries it. */
export type TurnId = number & { readonly __brand: 'TurnId' };

/** @param value a positive whole number; anything else is a programming mistake. */
export function turnId(value: number): TurnId {
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`A TurnId is a whole number from 1, not ${value}`);
  return value as TurnId;
}
