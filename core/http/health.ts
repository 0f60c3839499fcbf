/** What `GET /health` answers. */
import * as z from 'zod';

export const healthAnswerSchema = z.object({
  status: z.literal('ok'),
  /** The stage that answers. */
  tier: z.string(),
  version: z.string(),
  /** Age of the process that answers. */
  uptimeSecs: z.number().int().nonnegative(),
});
export type HealthAnswer = z.infer<typeof healthAnswerSchema>;
