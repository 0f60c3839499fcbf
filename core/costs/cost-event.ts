import * as z from 'zod';
import { callSidSchema } from '../ids.ts';

export const costServices = [
  'anthropic',
  'elevenlabs-stt',
  'elevenlabs-tts',
  'twilio',
  'fargate',
  'tools',
] as const;
export const costServiceSchema = z.enum(costServices);
export type CostService = z.infer<typeof costServiceSchema>;

/** One paid interaction, recorded as it happens, whether or not it succeeded. */
export const costEventSchema = z.object({
  callSid: callSidSchema,
  /** Position within the call, from 0; with `callSid` the identity of the event. */
  seq: z.number().int().nonnegative(),
  /** ISO 8601. */
  at: z.string(),
  service: costServiceSchema,
  /** What was bought: `input-tokens`, `live-characters`, `inbound-minutes`, … */
  operation: z.string(),
  usage: z.number().nonnegative(),
  unit: z.enum(['token', 'character', 'second', 'minute', 'call']),
  /** Price of one unit at the time; null when unknown, never 0. */
  unitPriceUsd: z.number().nonnegative().nullable(),
  costUsd: z.number().nonnegative().nullable(),
  /** What one unit would have cost without the prompt cache; on its reads and writes. */
  uncachedUnitPriceUsd: z.number().nonnegative().nullable().optional(),
  model: z.string().optional(),
  /** What was measured where the bill counts something coarser: seconds behind started minutes. */
  measuredSecs: z.number().nonnegative().optional(),
  outcome: z.enum(['used', 'wasted', 'failed']),
  /** True when the usage is our own count, to be corrected by reconciliation. */
  estimated: z.boolean(),
  /** `seq` of the event of the same call that this one takes the place of, now that more is known. */
  supersedes: z.number().int().nonnegative().optional(),
});
export type CostEvent = z.infer<typeof costEventSchema>;
