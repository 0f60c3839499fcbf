import * as z from 'zod';

const httpStatus = z.int().min(400).max(599);

/** Failures that can be asked for. Each happens once. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** The next upgrade of this kind is answered with an HTTP status instead. */
  z.object({ on: z.enum(['stt', 'tts']), kind: z.literal('refuse-connection'), status: httpStatus }),
  /** The next upgrade of this kind is never answered. */
  z.object({ on: z.enum(['stt', 'tts']), kind: z.literal('hang-connection') }),
  /** An error frame and the close that goes with it: at the next audio (stt) or speech (tts). */
  z.object({
    on: z.enum(['stt', 'tts']),
    kind: z.literal('error-frame'),
    code: z.string(),
    closeCode: z.int().default(1008),
  }),
  /** The connection is cut without a close: at the next audio (stt), or in the middle of the next speech (tts). */
  z.object({ on: z.enum(['stt', 'tts']), kind: z.literal('cut') }),
  /** The socket stays open and says nothing more: from the next audio (stt) or in the next speech (tts) on. */
  z.object({ on: z.enum(['stt', 'tts']), kind: z.literal('stall') }),
  /** One answer takes longer: the next commit (stt), the first audio of the next speech (tts). */
  z.object({ on: z.enum(['stt', 'tts']), kind: z.literal('slow'), ms: z.number().min(0) }),
  /** The next commit is lost. */
  z.object({ on: z.literal('stt'), kind: z.literal('lose-commit') }),
  /** The next HTTP request is answered with this status. */
  z.object({
    on: z.literal('rest'),
    kind: z.literal('status'),
    status: httpStatus,
    retryAfterSecs: z.number().optional(),
  }),
]);

export type ElevenLabsFault = z.input<typeof faultSchema>;
