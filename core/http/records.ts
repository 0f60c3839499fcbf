/** The shapes of the records routes: what requests may say, what answers hold. */
import * as z from 'zod';
import { costEventSchema } from '../costs/cost-event.ts';
import { callSidSchema } from '../ids.ts';
import { roleSchema } from '../personas/role.ts';
import { callRecordSchema, callStatusSchema, directionSchema } from '../records/call-record.ts';
import { turnRecordSchema } from '../records/turn-record.ts';

export const pageLimitMax = 100;
export const pageLimitDefault = 25;

/** Digits only: `1e1`, `0x10` and the like are slips. */
const digits = (value: unknown) =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;

export const pageLimitSchema = z
  .preprocess(
    digits,
    z
      .int({ error: `must be a whole number from 1 to ${pageLimitMax}` })
      .min(1)
      .max(pageLimitMax),
  )
  .default(pageLimitDefault)
  .describe('How many.');

/** A name that nobody knows is a slip too: without the filter that was meant, a list is another one. */
export const pageQuerySchema = z.strictObject({
  limit: pageLimitSchema,
  cursor: z.string().max(2_000).optional().describe('That of the page before.'),
});

const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error: 'must be a moment such as 2026-11-21T12:00:00Z or a day such as 2026-11-21',
  })
  .transform((value) => new Date(value))
  .refine((date) => !Number.isNaN(date.getTime()), 'is no moment');

/** Any of them narrows a list; a day stands for its first moment in UTC. */
export const listQuerySchema = pageQuerySchema
  .extend({
    role: roleSchema.optional(),
    status: callStatusSchema.optional(),
    direction: directionSchema.optional(),
    from: moment
      .optional()
      .describe('Calls that started then or later: `2026-11-21`, or `2026-11-21T12:00:00Z`.'),
    to: moment.optional().describe('Calls that started before.'),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['from'],
    error: 'must be before to',
  });

export const includes = ['transcript', 'turns', 'costs'] as const;

/** `include=transcript,turns,costs`, any of them. */
export const recordQuerySchema = z.strictObject({
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
