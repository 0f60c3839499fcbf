/** What a number of ours means: the role it is answered in, its voice, and the person behind it. */
import * as z from 'zod';
import { roleSchema } from '../personas/role.ts';

const e164 = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be an E.164 number such as +14155550100');

export const phoneMapSchema = z.record(
  e164,
  z.object({
    role: roleSchema.optional(),
    voice: z.string().max(64).optional(),
    transferTo: e164.optional(),
    /** Calls taken from one caller in an hour, in place of the stage's number. */
    callerCallsPerHour: z.number().int().min(1).max(1_000).optional(),
  }),
);
export type PhoneMap = z.infer<typeof phoneMapSchema>;
