import * as z from 'zod';

const ms = z.number().nonnegative();

/** The stages of one answer, in milliseconds; a stage that did not happen is absent. */
export const turnLatenciesSchema = z.object({
  endOfUtteranceDelayMs: ms.optional(),
  transcriptionDelayMs: ms.optional(),
  ttftMs: ms.optional(),
  ttfbMs: ms.optional(),
  responseLatencyMs: ms.optional(),
  fillerLatencyMs: ms.optional(),
  toolMs: ms.optional(),
  bargeInMs: ms.optional(),
});
export type TurnLatencies = z.infer<typeof turnLatenciesSchema>;

export const toolUseSchema = z.object({
  name: z.string(),
  status: z.enum(['ok', 'failed', 'timed-out', 'cancelled']),
  durationMs: ms,
});
export type ToolUse = z.infer<typeof toolUseSchema>;

/** One side's contribution, as it was heard. Stored as it ends. */
export const turnRecordSchema = z.object({
  /** Position in the conversation, from 0, both speakers counted. */
  n: z.number().int().nonnegative(),
  speaker: z.enum(['caller', 'assistant']),
  /** Caller: the words recognised. Assistant: the words played to the caller, cut where they stopped listening. */
  text: z.string(),
  interrupted: z.boolean(),
  /** ISO 8601. */
  at: z.string(),
  latencies: turnLatenciesSchema.optional(),
  tools: z.array(toolUseSchema).optional(),
});
export type TurnRecord = z.infer<typeof turnRecordSchema>;
