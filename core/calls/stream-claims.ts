import * as z from 'zod';
import { callSidSchema } from '../ids.ts';
import { roleSchema } from '../personas/role.ts';
import { directionSchema } from '../records/call-record.ts';

/** What the webhook promises to the media service about a call; signed, short-lived, used once. */
export const streamClaimsSchema = z.object({
  callSid: callSidSchema,
  role: roleSchema,
  direction: directionSchema,
  /** Overrides the persona's voice (per-number map). */
  voice: z.string().max(64).optional(),
  /** The person this call can be transferred to, as E.164 (per-number map). */
  transferTo: z.string().max(32).optional(),
  /** Id of the API key that placed the call. */
  keyId: z.string().max(64).optional(),
  /** The number called is toll-free: its minutes cost more. */
  tollFree: z.boolean().optional(),
  /** Taken out of the budgets when the call was admitted, US dollars. */
  allowanceUsd: z.number().nonnegative().optional(),
  callerHash: z.string().max(64),
  callerMasked: z.string().max(32),
  /** A digest of the visitor's own id: only that visitor's browser may use the token (web calls). */
  visitor: z.string().max(32).optional(),
  /** The call ends after so many seconds, whatever the process allows (web calls). */
  maxSecs: z.number().int().positive().optional(),
  /** The call goes on after a person could not be reached: its turns and costs are those of before. */
  returning: z.boolean().optional(),
  /** Unique per token: what makes it one-time. */
  nonce: z.string().min(16).max(64),
  /** Epoch seconds. */
  expiresAt: z.number().int().positive(),
});
export type StreamClaims = z.infer<typeof streamClaimsSchema>;
