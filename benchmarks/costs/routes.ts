/** `/costs/*` over a month of a large stage, through the functions as they are deployed. */

import { addDays, dayOf } from '#core/costs/days.ts';
import { groupings } from '#core/http/costs.ts';
import { createCostsAlerts } from '#lambdas/http/costs-alerts.ts';
import { createCostsBudgets } from '#lambdas/http/costs-budgets.ts';
import { createCostsCall } from '#lambdas/http/costs-call.ts';
import { createCostsSummary } from '#lambdas/http/costs-summary.ts';
import { createWire } from '#lambdas/wire.ts';
import { environment, gatewayEvent, invoke } from '#tests/lambdas/functions.ts';
import { apiKey } from '../api/wire.ts';
import { startDatabaseProcess } from '../support/database.ts';
import { type Percentiles, percentilesOf } from '../support/percentiles.ts';
import { time } from '../support/timing.ts';
import { keyCount, openTables, writeLargeStage } from './large-stage.ts';

const requests = 100;
const warmUp = 5;
const days = 31;

export interface RouteFigures {
  readonly callsPerDay: number;
  readonly callers: number;
  readonly days: number;
  readonly routes: readonly { readonly name: string; readonly times: Percentiles }[];
}

const unlimited = {
  allowed: true,
  limit: 1,
  windowSeconds: 1,
  remaining: 1,
  resetSeconds: 1,
  retryAtMs: 0,
};

const plenty = { dayUsd: 1e6, monthUsd: 1e6 };
const budgets = {
  callUsd: 1,
  stage: plenty,
  caller: plenty,
  keys: Object.fromEntries(Array.from({ length: keyCount }, (_, i) => [`key-${i + 1}`, plenty])),
};

export async function measureRoutes(
  size: { readonly callsPerDay: number; readonly callers: number },
  say: (text: string) => void,
): Promise<RouteFigures> {
  const database = await startDatabaseProcess();
  const tables = openTables(database.url);
  const to = dayOf(new Date().toISOString());
  const from = addDays(to, 1 - days);
  const { callSid } = await writeLargeStage({ ...size, from, to }, tables, say);
  const wire = createWire(
    async () => ({
      ...environment,
      STAGE: 'local',
      LOG_LEVEL: 'error',
      AWS_ENDPOINT_URL_DYNAMODB: database.url,
      OUTBOUND_API_KEY: apiKey,
      BUDGETS: JSON.stringify(budgets),
    }),
    { freshMs: Number.MAX_SAFE_INTEGER, nowMs: () => performance.now() },
  );
  const services = await wire();
  // The limit of a key is not what is measured.
  const load = async () => ({ ...services, limiter: { take: async () => unlimited } });
  const measure = async (name: string, handler: unknown, path: string, pathParameters = {}) => {
    const [route = '', query = ''] = path.split('?');
    const headers = { authorization: `Bearer ${apiKey}` };
    const ask = async () => {
      const answer = await invoke(handler, gatewayEvent({ path: route, query, headers, pathParameters }));
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.body}`);
    };
    await time(ask, warmUp);
    return { name, times: percentilesOf(await time(ask, requests)) };
  };
  const range = `from=${from}&to=${to}`;
  const summary = createCostsSummary(load);
  const routes = [];
  for (const groupBy of groupings)
    routes.push(
      await measure(`/costs/summary, by ${groupBy}`, summary, `/costs/summary?${range}&groupBy=${groupBy}`),
    );
  const budgetsRoute = createCostsBudgets(load);
  routes.push(await measure(`/costs/budgets, ${2 * keyCount + 2} budgets`, budgetsRoute, '/costs/budgets'));
  routes.push(await measure('/costs/budgets of one key', budgetsRoute, '/costs/budgets?name=KEY%23key-7'));
  const alerts = createCostsAlerts(load);
  routes.push(await measure('/costs/alerts, open', alerts, '/costs/alerts?limit=100'));
  routes.push(await measure('/costs/alerts, all of a year', alerts, '/costs/alerts?status=all&limit=100'));
  routes.push(
    await measure('/costs/call of 150 turns', createCostsCall(load), `/costs/call/${callSid}`, { callSid }),
  );
  tables.documents.destroy();
  await database.close();
  return { ...size, days, routes };
}
