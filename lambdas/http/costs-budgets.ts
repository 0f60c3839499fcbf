/** `GET /costs/budgets`: what is spent of every budget and quota, and where the month will end. */
import { accountsOf, type BudgetAccount, stageAccount } from '#core/costs/budgets.ts';
import { burnDown } from '#core/costs/burn-down.ts';
import { addDays, dayOf, daysFrom, firstDayOf, monthOf } from '#core/costs/days.ts';
import { type DailyUsd, forecastHistoryDays, forecastMonth } from '#core/costs/forecast.ts';
import { usedPartOf } from '#core/costs/reconcile.ts';
import { platform } from '#core/costs/totals.ts';
import { type BudgetsAnswer, budgetQuerySchema } from '#core/http/costs.ts';
import { parseInput } from '../parse-input.ts';
import type { LoadServices, Services } from '../services.ts';
import { type ApiAnswer, type ApiRequest, apiFunction } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';

export const createCostsBudgets = (load: LoadServices) => apiFunction(load, 'costs:read', getBudgets);

async function getBudgets({ event }: ApiRequest, services: Services): Promise<ApiAnswer> {
  const { name } = parseInput(budgetQuerySchema, event.queryStringParameters);
  const { budgets, clock, config, costs } = services;
  const settings = config.BUDGETS;
  const now = clock.now();
  const today = dayOf(now.toISOString());
  const keyIds = [...new Set([...config.API_KEYS.map(({ id }) => id), ...Object.keys(settings.keys)])];
  const accounts = [
    ...accountsOf(settings, {}, now),
    ...keyIds.flatMap((keyId) => accountsOf({ ...settings, stage: {} }, { keyId }, now)),
  ];
  const [taken, daily, quotas] = await Promise.all([
    budgets.taken(accounts),
    dailyOf(name, today, services),
    costs.quotas(),
  ]);
  // Today is not over: the forecast takes it for a day to come.
  const forecast = forecastMonth(new Map([...daily].filter(([day]) => day < today)), today);
  const monthly = accounts.find((account) => account.name === name && account.period === monthOf(today));
  const drawn = burnDown(daily, { today, limitUsd: monthly?.limitUsd ?? null, forecast });
  const { days: _days, ...projection } = forecast;
  const body: BudgetsAnswer = {
    items: accounts.map((account, i) => stateOf(account, taken[i] ?? 0)),
    perCallUsd: settings.callUsd ?? null,
    perCaller: { dayUsd: settings.caller.dayUsd ?? null, monthUsd: settings.caller.monthUsd ?? null },
    forecast: { name, ...projection },
    burnDown: { name, ...drawn, days: [...drawn.days] },
    quotas: quotas.map((quota) => ({ ...quota, usedPart: usedPartOf(quota) })),
  };
  return { status: 200, body };
}

/** What the stage or a key cost, by day. A key that was not used on a day that was added up cost nothing. */
async function dailyOf(name: string, today: string, { costs }: Services): Promise<DailyUsd> {
  const first = firstDayOf(monthOf(today));
  const learned = addDays(today, -forecastHistoryDays);
  const days = daysFrom(first < learned ? first : learned, today);
  const [whole, own] = await Promise.all([
    costs.totals(days, platform),
    name === stageAccount ? undefined : costs.totals(days, name),
  ]);
  return new Map(
    [...whole].map(([day, { costUsd }]) => [day, own === undefined ? costUsd : (own.get(day)?.costUsd ?? 0)]),
  );
}

function stateOf({ name, period, limitUsd }: BudgetAccount, takenUsd: number) {
  const usedPart = usedPartOf({ used: Math.max(0, takenUsd), max: limitUsd });
  const state =
    usedPart >= 1 ? 'used-up' : usedPart >= 0.95 ? 'critical' : usedPart >= 0.8 ? 'warning' : 'ok';
  return { name, period, limitUsd, takenUsd, usedPart, state } as const;
}

export const handler = createCostsBudgets(wire);
