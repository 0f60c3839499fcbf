/** `GET /costs/alerts`: what somebody has to look at, newest first. */
import type { CostAlert } from '#core/costs/alerts.ts';
import { alertQuerySchema } from '#core/http/costs.ts';
import { HttpProblem } from '#core/http/problem.ts';
import { parseInput } from '../parse-input.ts';
import type { LoadServices, Services } from '../services.ts';
import { type ApiAnswer, type ApiRequest, apiFunction } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';

export const createCostsAlerts = (load: LoadServices) => apiFunction(load, 'costs:read', getAlerts);

/** An alert is raised once per threshold and period, so that a year of them is read at once. */
async function getAlerts({ event }: ApiRequest, { alerts }: Services): Promise<ApiAnswer> {
  const { status, limit, cursor } = parseInput(alertQuerySchema, event.queryStringParameters);
  const wanted = (await alerts.alerts()).filter(
    ({ resolvedAt }) => status === 'all' || (status === 'open') === (resolvedAt === undefined),
  );
  const begin = cursor === undefined ? 0 : positionAfter(wanted, cursor);
  const items = wanted.slice(begin, begin + limit);
  const last = items.at(-1);
  const more = begin + items.length < wanted.length && last !== undefined;
  return { status: 200, body: { items, ...(more ? { cursor: toCursor(last) } : {}) } };
}

const toCursor = ({ id }: CostAlert) => Buffer.from(id).toString('base64url');

function positionAfter(alerts: readonly CostAlert[], cursor: string): number {
  const at = alerts.findIndex((alert) => toCursor(alert) === cursor);
  if (at === -1)
    throw new HttpProblem('bad_request', 'The cursor is not one of this list: start again without it.', {
      fields: ['cursor: not one of this list'],
    });
  return at + 1;
}

export const handler = createCostsAlerts(wire);
