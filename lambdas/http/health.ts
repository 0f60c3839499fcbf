/** `GET /health`: is the API alive, which version, since when. */
import type { HealthAnswer } from '#core/http/health.ts';
import type { LoadServices } from '../services.ts';
import { apiFunction } from '../stacks/api-function.ts';
import { wire } from '../wire.ts';

export const createHealth = (load: LoadServices) =>
  apiFunction(load, undefined, async (_request, { config }) => ({
    status: 200,
    body: {
      status: 'ok',
      tier: config.STAGE,
      version: config.SERVICE_VERSION,
      uptimeSecs: Math.round(process.uptime()),
    } satisfies HealthAnswer,
  }));

export const handler = createHealth(wire);
