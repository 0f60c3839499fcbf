/** The shapes of the records routes: what requests may say, what answers hold. */
import * as z from 'zod';
import { costEventSchema } from '../costs/cost-event.ts';
import { callSidSchema } from '../ids.ts';
import { roleSchema } from '../personas/role.ts';
import { callRecordSchema, callStatusSchema, directionSchema } from '../records/call-record.ts';
import { turnRecordSchema } from '../records/turn-record.ts';

export const pageLimitMax = 100;
export const pageLimitDefault = 25;

export const pageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(pageLimitMax).default(pageLimitDefault),
  cursor: z.string().max(2_000).optional(),
});

const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((value) => new Date(value))
  .refine((date) => !Number.isNaN(date.getTime()), 'is no moment');

/** Any of them narrows a list; a day stands for its first moment in UTC. */
export const listQuerySchema = pageQuerySchema.extend({
  role: roleSchema.optional(),
  status: callStatusSchema.optional(),
  direction: directionSchema.optional(),
  from: moment.optional().describe('Calls that started then or later.'),
  to: moment.optional().describe('Calls that started before.'),
});

export const includes = ['transcript', 'turns', 'costs'] as const;

/** `include=transcript,turns,costs`, any of them. */
export const recordQuerySchema = z.object({
  include: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((part) => part !== ''))
    .pipe(z.array(z.enum(includes))),
});

export const recordPathSchema = z.object({ callSid: callSidSchema });
export const rolePathSchema = z.object({ role: roleSchema });
export const statusPathSchema = z.object({ status: callStatusSchema });

/** What was said and heard, without the machinery. */
export const transcriptLineSchema = turnRecordSchema.pick({
  speaker: true,
  text: true,
  interrupted: true,
  at: true,
});

export const recordSchema = callRecordSchema.omit({
  expiresAt: true,
  nextStep: true,
  transferTo: true,
  allowanceUsd: true,
});

export const recordAnswerSchema = recordSchema.extend({
  transcript: z.array(transcriptLineSchema).optional(),
  turns: z.array(turnRecordSchema).optional(),
  costs: z.array(costEventSchema).optional(),
});
export type RecordAnswer = z.infer<typeof recordAnswerSchema>;

export const recordPageSchema = z.object({ items: z.array(recordSchema), cursor: z.string().optional() });
