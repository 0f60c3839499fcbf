/** How many calls are answered: of one caller in an hour, of the whole stage in a minute. */
import { callsPerStage, inboundPerCaller } from '#core/rate-limits/rules.ts';
import type { RateRule } from '#core/rate-limits/sliding-window.ts';
import type { Services } from '../services.ts';

/** @param to the number called. The limit is a setting of the stage and of each number: a crisis line may want none. */
export function callerLimit(to: string, { config }: Services): RateRule {
  const { INBOUND_PHONE_MAP: numbers, INBOUND_CALLS_PER_CALLER_PER_HOUR: usual } = config;
  const own = Object.hasOwn(numbers, to) ? numbers[to] : undefined;
  return inboundPerCaller(own?.callerCallsPerHour ?? usual);
}

export async function withinStageLimit({ config, limiter }: Services) {
  const rule = callsPerStage(config.CALLS_PER_MINUTE_MAX);
  const { allowed, retryAtMs } = await limiter.take(rule, 'all');
  return { limit: rule.name, allowed, retryAtMs };
}
