import * as z from 'zod';
import { answeringMachineSchema } from '../http/outbound.ts';
import type { CallSid } from '../ids.ts';
import { callSidSchema } from '../ids.ts';
import { roleSchema } from '../personas/role.ts';

/** What was ordered with a call that we place, for the carrier's callbacks; kept for a day. */
export const outboundPlanSchema = z.object({
  role: roleSchema,
  keyId: z.string(),
  numberMasked: z.string(),
  numberHash: z.string(),
  /** ISO 8601. */
  startedAt: z.string(),
  answeringMachine: answeringMachineSchema.optional(),
  /** Taken out of the budgets for it, US dollars: a call that nobody answers gives it back. */
  allowanceUsd: z.number().nonnegative().optional(),
  /** Known once the carrier has told it. */
  callSid: callSidSchema.optional(),
});
export type OutboundPlan = z.infer<typeof outboundPlanSchema>;

/** Orders by our own reference, which the carrier's callbacks carry. Methods throw `ProviderError`. */
export interface OutboundPlans {
  put(ref: string, plan: OutboundPlan): Promise<void>;
  find(ref: string): Promise<OutboundPlan | undefined>;
  /** Which call the order became; nothing happens for an unknown order. */
  noteCall(ref: string, callSid: CallSid): Promise<void>;
}
