/** `GET /costs/budgets`: what is spent of every budget and quota, and where the month will end. */
import { accountsOf, type BudgetAccount } from '#core/costs/budgets.ts';
import { addDays, dayOf, daysFrom, firstDayOf, monthOf } from '#core/costs/days.ts';
import { burnDown, forecastMonth } from '#core/costs/forecast.ts';
import { usedPartOf } from '#core/costs/reconcile.ts';
import { platform } from '#core/costs/totals.ts';
import type { LoadServices, Services } from '../services.ts';
import { type ApiAnswer, type ApiRequest, apiFunction } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';

/** What the forecast learns from. */
const historyDays = 35;
/** BatchGetItem takes 100 keys: more keys than this have budgets that are held but not listed. */
const accountsMax = 100;

export const createCostsBudgets = (load: LoadServices) => apiFunction(load, 'costs:read', getBudgets);

async function getBudgets(_request: ApiRequest, services: Services): Promise<ApiAnswer> {
  const { budgets, clock, config, costs } = services;
  const settings = config.BUDGETS;
  const now = clock.now();
  const today = dayOf(now.toISOString());
  const keyIds = [...new Set([...config.API_KEYS.map(({ id }) => id), ...Object.keys(settings.keys)])];
  const accounts = [
    ...accountsOf(settings, {}, now),
    ...keyIds.flatMap((keyId) => accountsOf({ ...settings, stage: {} }, { keyId }, now)),
  ].slice(0, accountsMax);
  const history = daysFrom(minOf(firstDayOf(monthOf(today)), addDays(today, -historyDays)), today);
  const [taken, byDay, quotas] = await Promise.all([
    budgets.taken(accounts),
    costs.totals(history, platform),
    costs.quotas(),
  ]);
  const daily = new Map([...byDay].map(([day, { costUsd }]) => [day, costUsd]));
  // Today is not over: the forecast takes it for a day to come.
  const closed = new Map([...daily].filter(([day]) => day < today));
  return {
    status: 200,
    body: {
      items: accounts.map((account, i) => stateOf(account, taken[i] ?? 0)),
      perCallUsd: settings.callUsd ?? null,
      perCaller: { dayUsd: settings.caller.dayUsd ?? null, monthUsd: settings.caller.monthUsd ?? null },
      forecast: forecastMonth(closed, today),
      burnDown: burnDown(daily, today),
      quotas: quotas.map((quota) => ({ ...quota, usedPart: usedPartOf(quota) })),
    },
  };
}

const minOf = (a: string, b: string) => (a < b ? a : b);

function stateOf({ name, period, limitUsd }: BudgetAccount, takenUsd: number) {
  const usedPart = usedPartOf({ used: Math.max(0, takenUsd), max: limitUsd });
  const state =
    usedPart >= 1 ? 'used-up' : usedPart >= 0.95 ? 'critical' : usedPart >= 0.8 ? 'warning' : 'ok';
  return { name, period, limitUsd, takenUsd, usedPart, state };
}

export const handler = createCostsBudgets(wire);
