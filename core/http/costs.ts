/** The shapes of the costs routes: what requests may say, what answers hold. */
import * as z from 'zod';
import { costAlertSchema } from '../costs/alerts.ts';
import { costEventSchema, costServiceSchema } from '../costs/cost-event.ts';
import { addDays, daySchema, daysBetween } from '../costs/days.ts';
import { quotaSchema, reconciliationSchema } from '../costs/reconcile.ts';
import { costTotalsSchema } from '../costs/totals.ts';
import { callSidSchema } from '../ids.ts';
import { costSummarySchema, directionSchema, outcomeSchema } from '../records/call-record.ts';
import { pageLimitSchema } from './records.ts';

export const groupings = ['day', 'role', 'service', 'key', 'direction', 'outcome'] as const;
export type Grouping = (typeof groupings)[number];

/** A quarter, so that one request reads at most about a hundred days. */
export const summaryDaysMax = 100;
/** Without `from`, the last thirty days. */
const summaryDaysDefault = 30;

export const costSummaryQuerySchema = z
  .strictObject({
    from: daySchema.optional(),
    to: daySchema.optional(),
    groupBy: z.enum(groupings).default('day'),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['from'],
    message: 'must not be after to',
  })
  .refine(
    ({ from, to }) => from === undefined || to === undefined || daysBetween(from, to) < summaryDaysMax,
    {
      path: ['to'],
      message: `must be within ${summaryDaysMax} days of from`,
    },
  );
export type CostSummaryQuery = z.infer<typeof costSummaryQuerySchema>;

/** Both days included; what is left out ends today, or begins thirty days before the end. */
export function rangeOf({ from, to }: CostSummaryQuery, today: string): { from: string; to: string } {
  const end = to ?? (from === undefined ? today : minOf(today, addDays(from, summaryDaysMax - 1)));
  return { from: from ?? addDays(end, 1 - summaryDaysDefault), to: end };
}

const minOf = (a: string, b: string) => (a < b ? a : b);

export const costCallPathSchema = z.object({ callSid: callSidSchema });
export const rollupQuerySchema = z.strictObject({ day: daySchema.optional() });

export const alertQuerySchema = z.strictObject({
  status: z.enum(['open', 'resolved', 'all']).default('open'),
  limit: pageLimitSchema,
  cursor: z.string().max(2_000).optional(),
});

const perMinute = z.number().nonnegative().nullable();

export const callCostAnswerSchema = z.object({
  callSid: callSidSchema,
  role: z.string(),
  direction: directionSchema,
  outcome: outcomeSchema.optional(),
  durationSecs: z.number().optional(),
  /** Of a call that goes on: so far. */
  summary: costSummarySchema,
  costPerMinuteUsd: perMinute,
  /** As they count: an event that a better one took the place of is left out. */
  events: z.array(costEventSchema),
});

const groupSchema = costTotalsSchema.extend({ name: z.string(), costPerMinuteUsd: perMinute });

export const costSummaryAnswerSchema = z.object({
  from: daySchema,
  to: daySchema,
  groupBy: z.enum(groupings),
  total: groupSchema,
  /** Of the days of which it is known: what was bought for no call in particular. With `total` it is what is billed. */
  unallocatedUsd: z.number(),
  groups: z.array(groupSchema),
  /** Every day of the range that has figures, oldest first. */
  series: z.array(
    z.object({
      day: daySchema,
      calls: z.number(),
      durationSecs: z.number(),
      costUsd: z.number(),
      costByService: z.partialRecord(costServiceSchema, z.number()),
      wastedUsd: z.number(),
      cacheSavedUsd: z.number(),
      /** Bought for no call in particular (tasks that waited); not in `costUsd`, absent until it is known. */
      unallocatedUsd: z.number().optional(),
      /** False while the day goes on. */
      complete: z.boolean(),
    }),
  ),
  topCalls: z.array(
    z.object({ callSid: z.string(), role: z.string(), costUsd: z.number(), durationSecs: z.number() }),
  ),
  /** Days of the range that nobody has added up yet. */
  missingDays: z.array(daySchema),
  reconciliations: z.array(reconciliationSchema),
});
export type CostSummaryAnswer = z.infer<typeof costSummaryAnswerSchema>;

const nullableUsd = z.number().nullable();

export const budgetsAnswerSchema = z.object({
  items: z.array(
    z.object({
      /** `STAGE` or `KEY#…`; budgets of callers are not listed, for their names would be hashes of numbers. */
      name: z.string(),
      period: z.string(),
      limitUsd: z.number(),
      /** Spent, and held by calls that go on. */
      takenUsd: z.number(),
      usedPart: z.number(),
      state: z.enum(['ok', 'warning', 'critical', 'used-up']),
    }),
  ),
  perCallUsd: z.number().nullable(),
  perCaller: z.object({ dayUsd: nullableUsd, monthUsd: nullableUsd }),
  forecast: z.object({
    month: z.string(),
    spentUsd: z.number(),
    projectedUsd: nullableUsd,
    lowUsd: nullableUsd,
    highUsd: nullableUsd,
    method: z.string(),
  }),
  burnDown: z.array(z.object({ day: daySchema, usd: z.number(), cumulativeUsd: z.number() })),
  quotas: z.array(quotaSchema.extend({ usedPart: z.number() })),
});

export const alertsAnswerSchema = z.object({
  items: z.array(costAlertSchema),
  cursor: z.string().optional(),
});

export const rollupAnswerSchema = z.object({ days: z.array(daySchema), calls: z.number() });

export const reconcileAnswerSchema = z.object({
  days: z.array(daySchema),
  /** Services of which the two books differ by more than they may. */
  differing: z.number().int().nonnegative(),
});
