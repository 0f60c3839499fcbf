/** Daily at 08:00 UTC, after the rollup: our books against the vendors'. */
import * as z from 'zod';
import { daySchema } from '#core/costs/days.ts';
import { reconcile } from '../costs/reconcile.ts';
import type { LoadServices } from '../services.ts';
import { jobFunction } from '../stacks/job-function.ts';
import { wire } from '../wire.ts';

const eventSchema = z.object({ day: daySchema.optional().catch(undefined) });

export const createReconcileCosts = (load: LoadServices) =>
  jobFunction(load, (services, event) => reconcile(services, eventSchema.parse(event).day));

export const handler = createReconcileCosts(wire);
