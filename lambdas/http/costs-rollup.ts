/** `POST /costs/rollup?day=`, and `GET /api/cron/cost-rollup`: adds up what is due, or one day. */
import { rollupQuerySchema } from '#core/http/costs.ts';
import { rollUpDays, rollUpDueDays } from '../costs/roll-up.ts';
import { parseInput } from '../parse-input.ts';
import type { LoadServices, Services } from '../services.ts';
import { type ApiAnswer, type ApiRequest, cronFunction } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';

export const createCostsRollup = (load: LoadServices) => cronFunction(load, rollUp);

async function rollUp({ event }: ApiRequest, services: Services): Promise<ApiAnswer> {
  const { day } = parseInput(rollupQuerySchema, event.queryStringParameters);
  const body = day === undefined ? await rollUpDueDays(services) : await rollUpDays([day], services);
  return { status: 200, body };
}

export const handler = createCostsRollup(wire);
