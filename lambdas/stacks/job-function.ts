import middy from '@middy/core';
import type { LoadServices, Services } from '../services.ts';

/** A scheduled job: a failure must reach the scheduler, which tries again. */
export function jobFunction<Outcome>(
  load: LoadServices,
  run: (services: Services, event: object) => Promise<Outcome>,
) {
  return middy<object, Outcome>().handler(async (event) => {
    const services = await load();
    try {
      return await run(services, event);
    } finally {
      services.telemetry.flush();
    }
  });
}
