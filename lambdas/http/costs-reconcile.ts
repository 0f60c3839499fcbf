/** `POST /costs/reconcile?day=`: compares our books with the vendors' for one day, or for the last two. */
import { rollupQuerySchema } from '#core/http/costs.ts';
import { reconcile } from '../costs/reconcile.ts';
import { parseInput } from '../parse-input.ts';
import type { LoadServices, Services } from '../services.ts';
import { type ApiAnswer, type ApiRequest, cronFunction } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';

export const createCostsReconcile = (load: LoadServices) => cronFunction(load, compareBooks);

async function compareBooks({ event }: ApiRequest, services: Services): Promise<ApiAnswer> {
  const { day } = parseInput(rollupQuerySchema, event.queryStringParameters);
  return { status: 200, body: await reconcile(services, day) };
}

export const handler = createCostsReconcile(wire);
