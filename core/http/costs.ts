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
    from: daySchema
      .optional()
      .describe(`The first day; without it the range has the ${summaryDaysDefault} days up to its last.`),
    to: daySchema
      .optional()
      .describe(`The last day; without it today, or ${summaryDaysMax} days from the first.`),
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

export type AlertQuery = z.infer<typeof alertQuerySchema>;
/** What a cursor of that list holds. */
export const alertPlaceSchema = z.strictObject({ id: z.string().max(500), raisedAt: z.iso.datetime() });

/** Whose month is forecast and drawn; budgets of callers are not shown, for their names would be hashes of numbers. */
export const budgetQuerySchema = z.object({
  name: z
    .string()
    .regex(/^(STAGE|KEY#.{1,64})$/, 'must be STAGE or KEY# and the id of a key')
    .default('STAGE'),
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

const nullableUsd = z.number().nullable();

const groupSchema = costTotalsSchema.extend({
  name: z.string(),
  costPerMinuteUsd: perMinute,
  /** One for each day of `series`, null where the day is not known; not in groups by day. */
  costByDayUsd: z.array(nullableUsd).optional(),
});

const nullableCount = z.number().nonnegative().nullable();

/** Every day of the range, oldest first. One without calls is 0, one that nobody has added up yet is null. */
const seriesSchema = z.array(
  z.object({
    day: daySchema,
    /** False while the day goes on, or nobody has added it up since. */
    complete: z.boolean(),
    calls: nullableCount,
    durationSecs: nullableCount,
    costUsd: nullableUsd,
    costPerMinuteUsd: nullableUsd,
    costByService: z.record(costServiceSchema, nullableUsd),
    wastedUsd: nullableUsd,
    cacheSavedUsd: nullableUsd,
    /** Bought for no call in particular (tasks that waited); not in `costUsd`, null until it is known. */
    unallocatedUsd: nullableUsd,
  }),
);

const anomalySchema = z.object({
  day: daySchema,
  service: costServiceSchema,
  usd: z.number(),
  /** What its weekday usually costs, at the level of the week before. */
  usualUsd: z.number(),
  /** How many robust deviations away: above 0 dearer. */
  score: z.number(),
  method: z.string(),
});

export const costSummaryAnswerSchema = z.object({
  from: daySchema,
  to: daySchema,
  groupBy: z.enum(groupings),
  total: groupSchema,
  /** Of the days of which it is known: what was bought for no call in particular. With `total` it is what is billed. */
  unallocatedUsd: z.number(),
  groups: z.array(groupSchema),
  series: seriesSchema,
  topCalls: z.array(
    z.object({ callSid: z.string(), role: z.string(), costUsd: z.number(), durationSecs: z.number() }),
  ),
  /** Days of the range that nobody has added up yet. */
  missingDays: z.array(daySchema),
  /** Unusual days of the range, service by service, oldest first. */
  anomalies: z.array(anomalySchema),
  reconciliations: z.array(reconciliationSchema),
});
export type CostSummaryAnswer = z.infer<typeof costSummaryAnswerSchema>;

const burnDownSchema = z.object({
  name: z.string(),
  month: z.string(),
  /** The month's limit, if it has one. */
  limitUsd: nullableUsd,
  /** The day on which the limit is, or is expected to be, crossed. */
  crossedOn: daySchema.nullable(),
  /** Every day of the month. */
  days: z.array(
    z.object({
      day: daySchema,
      /** Null for a day that nobody has added up yet. */
      usd: nullableUsd,
      cumulativeUsd: nullableUsd,
      /** The limit spread evenly over the month. */
      budgetUsd: nullableUsd,
      /** Of the month up to the end of a day to come, today among them; null before. */
      projectedUsd: nullableUsd,
      projectedLowUsd: nullableUsd,
      projectedHighUsd: nullableUsd,
    }),
  ),
});

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
    name: z.string(),
    month: z.string(),
    spentUsd: z.number(),
    projectedUsd: nullableUsd,
    lowUsd: nullableUsd,
    highUsd: nullableUsd,
    method: z.string(),
  }),
  burnDown: burnDownSchema,
  quotas: z.array(quotaSchema.extend({ usedPart: z.number() })),
});

export type BudgetsAnswer = z.infer<typeof budgetsAnswerSchema>;

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
