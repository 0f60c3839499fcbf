/** What may be spent: per call, and per stage, key and caller in a day and in a month. */
import * as z from 'zod';
import { dayOf, monthOf } from './days.ts';
import { roundUsd } from './money.ts';

const usd = z.number().positive();
const limitsSchema = z.object({ dayUsd: usd.optional(), monthUsd: usd.optional() });
export type PeriodLimits = z.infer<typeof limitsSchema>;

/** US dollars; what is left out is not limited. */
export const budgetSettingsSchema = z.strictObject({
  /** One call. */
  callUsd: usd.optional(),
  /** The whole stage. */
  stage: limitsSchema.default({}),
  /** Each API key, unless `keys` names it. */
  key: limitsSchema.default({}),
  keys: z.record(z.string(), limitsSchema).default({}),
  /** Each caller, known by the hash of their number. */
  caller: limitsSchema.default({}),
});
export type BudgetSettings = z.infer<typeof budgetSettingsSchema>;

export const noBudgets: BudgetSettings = budgetSettingsSchema.parse({});

/** One budget in one period: what its spending is counted under. */
export interface BudgetAccount {
  /** `STAGE`, `KEY#…` or `CALLER#…`. */
  readonly name: string;
  /** `2026-11-21` or `2026-11`. */
  readonly period: string;
  readonly limitUsd: number;
}

export interface Spender {
  readonly keyId?: string | undefined;
  readonly callerHash?: string | undefined;
}

/** Every budget that a call counts against, the narrowest first. */
export function accountsOf(settings: BudgetSettings, who: Spender, now: Date): readonly BudgetAccount[] {
  const day = dayOf(now.toISOString());
  const accounts = (name: string, { dayUsd, monthUsd }: PeriodLimits): BudgetAccount[] => [
    ...(dayUsd === undefined ? [] : [{ name, period: day, limitUsd: dayUsd }]),
    ...(monthUsd === undefined ? [] : [{ name, period: monthOf(day), limitUsd: monthUsd }]),
  ];
  const { keyId, callerHash } = who;
  const ownLimits =
    keyId !== undefined && Object.hasOwn(settings.keys, keyId) ? settings.keys[keyId] : undefined;
  return [
    ...(callerHash === undefined ? [] : accounts(`CALLER#${callerHash}`, settings.caller)),
    ...(keyId === undefined ? [] : accounts(`KEY#${keyId}`, ownLimits ?? settings.key)),
    ...accounts('STAGE', settings.stage),
  ];
}

/** The periods of each budget together: they are taken from at once. */
export const budgetsOf = (accounts: readonly BudgetAccount[]): readonly (readonly BudgetAccount[])[] => [
  ...Map.groupBy(accounts, ({ name }) => name).values(),
];

/**
 * What a call takes out of its budgets in advance, at a time: about the cost of three minutes. It can be spent
 * without asking, so that calls at the same time cannot overrun a budget together.
 */
export const allowanceUsd = 0.05;

/**
 * A call asks for more when less than this is left of what it took: one long answer of a cheap model and the goodbye
 * after it (400 characters of speech are $0.024, the rest is little).
 */
export const turnReserveUsd = 0.03;

/** What a `limit.hit` line calls it: never with a key or a caller in it. */
export const budgetLimitName = ({ name }: BudgetAccount): string =>
  `budget:${(name.split('#', 1)[0] ?? '').toLowerCase()}`;

/** Warning, critical, used up: parts of a limit, by which alerts and quotas are told apart (80 % and 95 % by design). */
export const thresholds = [0.8, 0.95, 1] as const;
export type Threshold = (typeof thresholds)[number];

/** @returns what was crossed on the way from one amount to another. */
export const crossedBetween = (beforeUsd: number, afterUsd: number, limit: number): readonly Threshold[] =>
  thresholds.filter((part) => beforeUsd < roundUsd(limit * part) && afterUsd >= roundUsd(limit * part));
