import type { RateDecision, RateRule } from '../rate-limits/sliding-window.ts';

/** Counts requests against a rule; a refused request is not counted. */
export interface RateLimiter {
  /**
   * @param subject who is counted: a key's id or a hash, never a number or an address in clear.
   * Throws `ProviderError` when the counter is away.
   */
  take(rule: RateRule, subject: string): Promise<RateDecision>;
}
