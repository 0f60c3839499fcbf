/** How costs lie in their table: keys, and the way from items to totals and back. */
import * as z from 'zod';
import { quotaSchema, reconciliationSchema } from '#core/costs/reconcile.ts';
import { type Contribution, type CostTotals, costTotalsSchema } from '#core/costs/totals.ts';
import { ProviderError } from '#core/errors.ts';
import { costSummarySchema, directionSchema, outcomeSchema } from '#core/records/call-record.ts';
import type { Item } from './documents.ts';

const dayLength = 'yyyy-mm-dd'.length;

export const periodKey = (period: string) =>
  period.length === dayLength ? `DAY#${period}` : `MONTH#${period}`;
export const removedKey = (day: string) => `REMOVED#${day}`;
export const rollupsKey = 'ROLLUPS';
export const monthsKey = 'ROLLED-UP-MONTHS';
export const reconciliationsKey = 'RECONCILIATIONS';
export const quotasKey = 'QUOTAS';

const unreadable = (cause: unknown) =>
  new ProviderError('An item in the database cannot be read', {
    provider: 'dynamodb',
    failure: 'protocol',
    cause,
  });

export function readItem<T>(schema: z.ZodType<T>, item: Item): T {
  const parsed = schema.safeParse(item);
  if (!parsed.success) throw unreadable(parsed.error);
  return parsed.data;
}

export const toTotals = (item: Item): CostTotals => readItem(costTotalsSchema, item);

const contributionSchema = z.object({
  callSid: z.string(),
  role: z.string(),
  direction: directionSchema,
  outcome: outcomeSchema.optional(),
  keyId: z.string().optional(),
  callerHash: z.string().optional(),
  began: z.boolean(),
  durationSecs: z.number(),
  turnCount: z.number(),
  summary: costSummarySchema,
});
export const toContribution = (item: Item): Contribution => readItem(contributionSchema, item);

const rollupNoteSchema = z.object({
  day: z.string(),
  at: z.string(),
  complete: z.boolean(),
  calls: z.number(),
  top: z
    .array(z.object({ callSid: z.string(), role: z.string(), costUsd: z.number(), durationSecs: z.number() }))
    .default([]),
});
const monthNoteSchema = z.object({ month: z.string(), at: z.string() });
export const toMonthNote = (item: Item) => readItem(monthNoteSchema, item);
export const toReconciliation = (item: Item) => readItem(reconciliationSchema, item);
export const toQuota = (item: Item) => readItem(quotaSchema, item);
export const toRollupNote = (item: Item) => readItem(rollupNoteSchema, item);
