import type * as z from 'zod';
import type { budgetSettingsSchema } from '#core/costs/budgets.ts';
import type { StageSettings } from './schema.ts';

/** What calls may cost, as the processes read it. The month's budget is AWS's own bill, which no call can know. */
export function budgetsVariable({ budgets }: StageSettings): string {
  const { callUsd, dayUsd } = budgets;
  return JSON.stringify({ callUsd, stage: { dayUsd } } satisfies z.input<typeof budgetSettingsSchema>);
}
