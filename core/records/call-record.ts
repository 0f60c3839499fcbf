import * as z from 'zod';
import { costServiceSchema } from '../costs/cost-event.ts';
import { callUsageSchema } from '../costs/usage.ts';
import { callSidSchema } from '../ids.ts';
import { roleSchema } from '../personas/role.ts';

/** Twilio's words for a call's state, and `initiated`, which outbound status callbacks use. */
export const callStatuses = [
  'queued',
  'initiated',
  'ringing',
  'in-progress',
  'completed',
  'busy',
  'failed',
  'no-answer',
  'canceled',
] as const;
export const callStatusSchema = z.enum(callStatuses);
export type CallStatus = z.infer<typeof callStatusSchema>;

/** States after which nothing more happens to a call. */
export const finalStatuses: readonly CallStatus[] = ['completed', 'busy', 'failed', 'no-answer', 'canceled'];

export const directionSchema = z.enum(['inbound', 'outbound', 'web']);
export type Direction = z.infer<typeof directionSchema>;

/**
 * How a call ended, in our words.
 * `completed`: the caller hung up or both said goodbye. `lost`: the process that ran it died.
 */
export const outcomes = [
  'completed',
  'transferred',
  'caller-silent',
  'max-duration',
  'over-budget',
  'drained',
  'failed',
  'refused',
  'not-answered',
  'lost',
] as const;
export const outcomeSchema = z.enum(outcomes);
export type Outcome = z.infer<typeof outcomeSchema>;

/** The figures of `cost.call.summary`, stored with the record. */
export const costSummarySchema = callUsageSchema.extend({
  /** Sum of the known parts; null when a price that matters is unknown. */
  estimatedCostUsd: z.number().nonnegative().nullable(),
  costByService: z.partialRecord(costServiceSchema, z.number().nonnegative().nullable()),
  /** The part that rests on our own count, until the vendor's is known. */
  estimatedPartUsd: z.number().nonnegative().optional(),
  estimatedByService: z.partialRecord(costServiceSchema, z.number().nonnegative()).optional(),
  /** The part that bought nothing the caller heard. */
  wastedUsd: z.number().nonnegative().optional(),
  /** What the prompt cache saved over the plain input price, its writes paid: below 0 when it did not pay. */
  cacheSavedUsd: z.number().optional(),
});
export type CostSummary = z.infer<typeof costSummarySchema>;

/** One call as it is stored and as the API shows it. Times are ISO 8601 in UTC. */
export const callRecordSchema = z.object({
  callSid: callSidSchema,
  status: callStatusSchema,
  role: roleSchema,
  direction: directionSchema,
  /** The other party's number, all but the last digits hidden. */
  numberMasked: z.string(),
  /** Keyed hash of that number: ties calls of one person together without naming them. */
  callerHash: z.string(),
  /** Id of the API key that placed the call. */
  keyId: z.string().max(64).optional(),
  /** The number called is toll-free. */
  tollFree: z.boolean().optional(),
  /** Taken out of the budgets when the call was admitted, US dollars. */
  allowanceUsd: z.number().nonnegative().optional(),
  startedAt: z.string(),
  /** Last sign of life of the process that runs the call. */
  aliveAt: z.string(),
  endedAt: z.string().optional(),
  durationSecs: z.number().nonnegative().optional(),
  turnCount: z.number().int().nonnegative(),
  outcome: outcomeSchema.optional(),
  /** Set when the crisis floor was reached. */
  crisis: z.boolean().optional(),
  costSummary: costSummarySchema.optional(),
  /** Who has answered, in the carrier's words, where that was asked for: `human`, `machine_end_beep`, … */
  answeredBy: z.string().optional(),
  /**
   * How the reply after the stream should go on: set by the media service before it closes the stream. `return`: a
   * transfer was not answered and the caller is on their way back to the assistant.
   */
  nextStep: z.enum(['hang-up', 'transfer', 'return']).optional(),
  transferTo: z.string().optional(),
  /** When the carrier told that the stream was over, of a call whose process had not said so. */
  streamEndedAt: z.string().optional(),
  /** Epoch seconds; the table's TTL attribute. */
  expiresAt: z.number().int().positive(),
});
export type CallRecord = z.infer<typeof callRecordSchema>;

/** The fields that may change while a call goes on. */
export type CallRecordChange = Partial<
  Pick<
    CallRecord,
    'status' | 'aliveAt' | 'turnCount' | 'crisis' | 'nextStep' | 'transferTo' | 'answeredBy' | 'streamEndedAt'
  >
>;

/** What is written once, when a call is over. */
export interface CallEnding {
  readonly outcome: Outcome;
  readonly endedAt: string;
  readonly durationSecs: number;
  readonly turnCount: number;
  readonly costSummary: CostSummary;
}
