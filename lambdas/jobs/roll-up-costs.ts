/** Daily at 06:00 UTC: adds up yesterday, and every day before it that is missing or may have changed. */
import * as z from 'zod';
import { daySchema } from '#core/costs/days.ts';
import { rollUpDays, rollUpDueDays } from '../costs/roll-up.ts';
import type { LoadServices } from '../services.ts';
import { jobFunction } from '../stacks/job-function.ts';
import { wire } from '../wire.ts';

/** Whoever runs it by hand may name one day. */
const eventSchema = z.object({ day: daySchema.optional().catch(undefined) });

export const createRollUpCosts = (load: LoadServices) =>
  jobFunction(load, (services, event) => {
    const { day } = eventSchema.parse(event);
    return day === undefined ? rollUpDueDays(services) : rollUpDays([day], services);
  });

export const handler = createRollUpCosts(wire);
