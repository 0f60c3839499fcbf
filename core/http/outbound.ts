/** The shapes of `POST /call/outbound`. */
import * as z from 'zod';
import { callSidSchema } from '../ids.ts';
import { roleSchema } from '../personas/role.ts';
import { callStatusSchema } from '../records/call-record.ts';

export const outboundLimits = {
  ringSecs: { min: 5, max: 120, usual: 30 },
  /** A call may last up to Twilio's own bound of four hours when asked; usually an hour is plenty. */
  timeLimitSecs: { min: 30, max: 14_400, usual: 3_600 },
  /** About a minute of speech. */
  messageCharsMax: 1_000,
} as const;

const seconds = ({ min, max, usual }: { min: number; max: number; usual: number }, what: string) =>
  z.int().min(min).max(max).default(usual).describe(what);

/** What happens when a machine answers. It is found out beside the conversation: nobody waits for it. */
export const answeringMachineSchema = z
  .discriminatedUnion(
    'action',
    [
      z.strictObject({ action: z.literal('continue') }),
      z.strictObject({ action: z.literal('hang-up') }),
      z.strictObject({
        action: z.literal('leave-message'),
        message: z
          .string()
          .trim()
          .min(1)
          .max(outboundLimits.messageCharsMax)
          .describe(
            'Read out after the beep, then the call ends. The carrier takes it as XML: `&`, `<` and `>` take more room there, and a message of little else is refused.',
          ),
      }),
    ],
    {
      error: ({ code }) =>
        code === 'invalid_union' ? 'must be one of continue, hang-up, leave-message' : undefined,
    },
  )
  .describe('What to do when a machine answers; without it no detection takes place.');
export type AnsweringMachine = z.infer<typeof answeringMachineSchema>;

export const outboundRequestSchema = z.strictObject({
  to: z
    .string()
    .regex(/^\+[1-9]\d{6,14}$/, 'must be an E.164 number such as +14155550100')
    .describe('The number to call, as E.164.'),
  role: roleSchema.describe('The persona that talks.'),
  voice: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be the id of a voice')
    .optional()
    .describe("In place of the persona's own voice."),
  ringSecs: seconds(outboundLimits.ringSecs, 'How long it rings at most.'),
  timeLimitSecs: seconds(outboundLimits.timeLimitSecs, 'The carrier ends the call after this time.'),
  answeringMachine: answeringMachineSchema.optional(),
});
export type OutboundRequest = z.infer<typeof outboundRequestSchema>;

/** The carrier has taken the call; it does not ring yet. */
export const outboundAnswerSchema = z.object({
  callSid: callSidSchema,
  status: callStatusSchema,
  role: roleSchema,
  direction: z.literal('outbound'),
  numberMasked: z.string(),
  startedAt: z.string(),
});
export type OutboundAnswer = z.infer<typeof outboundAnswerSchema>;

/** Printable ASCII, the space included. */
export const idempotencyKeySchema = z
  .string()
  .regex(/^[\x20-\x7e]{1,256}$/, 'must be 1 to 256 printable ASCII characters');
