/** How many calls are answered: of one caller in an hour, of the whole stage in a minute. */
import { callsPerStage, inboundPerCaller } from '#core/rate-limits/rules.ts';
import type { RateDecision, RateRule } from '#core/rate-limits/sliding-window.ts';
import type { Services } from '../services.ts';

export type CallLimit = Pick<RateDecision, 'allowed' | 'retryAtMs'> & { readonly limit: string };

/** @param to the number called. The limit is a setting of the stage and of each number: a crisis line may want none. */
export function withinCallerLimit(
  { callerHash, to }: { readonly callerHash: string; readonly to: string },
  services: Services,
): Promise<CallLimit> {
  const { INBOUND_PHONE_MAP: numbers, INBOUND_CALLS_PER_CALLER_PER_HOUR: usual } = services.config;
  const own = Object.hasOwn(numbers, to) ? numbers[to] : undefined;
  return within(inboundPerCaller(own?.callerCallsPerHour ?? usual), callerHash, services);
}

export const withinStageLimit = (services: Services): Promise<CallLimit> =>
  within(callsPerStage(services.config.CALLS_PER_MINUTE_MAX), 'all', services);

async function within(rule: RateRule, subject: string, { limiter }: Services): Promise<CallLimit> {
  const { allowed, retryAtMs } = await limiter.take(rule, subject);
  return { limit: rule.name, allowed, retryAtMs };
}
