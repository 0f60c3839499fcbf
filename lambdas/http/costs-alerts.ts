/** `GET /costs/alerts`: what somebody has to look at, newest first. */
import { type CostAlert, compareAlerts } from '#core/costs/alerts.ts';
import { type AlertQuery, alertPlaceSchema, alertQuerySchema } from '#core/http/costs.ts';
import { HttpProblem } from '#core/http/problem.ts';
import type { AlertPlace, AlertStore } from '#core/ports/budget-store.ts';
import { parseInput } from '../parse-input.ts';
import type { LoadServices, Services } from '../services.ts';
import { type ApiAnswer, type ApiRequest, apiFunction } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';

export const createCostsAlerts = (load: LoadServices) => apiFunction(load, 'costs:read', getAlerts);

async function getAlerts({ event }: ApiRequest, { alerts }: Services): Promise<ApiAnswer> {
  const query = parseInput(alertQuerySchema, event.queryStringParameters);
  const after = query.cursor === undefined ? undefined : placeOf(query.cursor);
  // One more than is shown tells whether there is a next page.
  const found = await find(alerts, query, after);
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  const more = found.length > items.length && last !== undefined;
  return { status: 200, body: { items, ...(more ? { cursor: toCursor(last) } : {}) } };
}

async function find(
  alerts: AlertStore,
  { status, limit }: AlertQuery,
  after: AlertPlace | undefined,
): Promise<readonly CostAlert[]> {
  const [open, resolved] = await Promise.all([
    status === 'resolved' ? [] : alerts.open(),
    status === 'open' ? [] : alerts.resolved({ limit: limit + 1, after }),
  ]);
  const openAfter = open.filter((alert) => after === undefined || compareAlerts(alert, after) > 0);
  return [...openAfter, ...resolved].sort(compareAlerts).slice(0, limit + 1);
}

const toCursor = ({ raisedAt, id }: CostAlert) =>
  Buffer.from(JSON.stringify({ raisedAt, id })).toString('base64url');

function placeOf(cursor: string): AlertPlace {
  try {
    return alertPlaceSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw new HttpProblem('bad_request', 'The cursor is not one of this list: start again without it.', {
      fields: ['cursor: not one of this list'],
    });
  }
}

export const handler = createCostsAlerts(wire);
