import { ProviderError } from '#core/errors.ts';
import type { CallStore } from '#core/ports/call-store.ts';

const away = async (): Promise<never> => {
  throw new ProviderError('The database failed', {
    provider: 'dynamodb',
    failure: 'unavailable',
    code: 'ECONNREFUSED',
  });
};

/** The database is away. */
export const storeAway: CallStore = {
  create: away,
  find: away,
  update: away,
  applyStatus: away,
  finish: away,
  reviseSummary: away,
  putTurn: away,
  turns: away,
  putCostEvents: away,
  costEvents: away,
  list: away,
  listStale: away,
  delete: away,
};
