import type { ModelUsage } from '#core/costs/usage.ts';
import type { CacheTtl } from './message-translation.ts';
import type { DeltaUsage, StartUsage } from './stream-events.ts';

/** Splits cache writes by lifetime; where the vendor gives only their sum, they have the lifetime we asked for. */
function cacheWrites(usage: StartUsage, ttl: CacheTtl) {
  const total = usage.cache_creation_input_tokens ?? 0;
  const split = usage.cache_creation;
  if (split) {
    return {
      cacheWrite5mTokens: split.ephemeral_5m_input_tokens ?? 0,
      cacheWrite1hTokens: split.ephemeral_1h_input_tokens ?? 0,
    };
  }
  return {
    cacheWrite5mTokens: ttl === '5m' ? total : 0,
    cacheWrite1hTokens: ttl === '1h' ? total : 0,
  };
}

/** Usage as `message_start` reports it: the prompt is counted, the output is a placeholder. */
export function startedUsage(usage: StartUsage, ttl: CacheTtl): ModelUsage {
  return {
    inputTokens: usage.input_tokens ?? 0,
    ...cacheWrites(usage, ttl),
    cacheReadTokens: usage.cache_read_input_tokens ?? 0,
    outputTokens: usage.output_tokens ?? 0,
  };
}

/** `message_delta` holds totals so far but not the split of the cache writes, which stays as it was at the start. */
export function updatedUsage(before: ModelUsage, usage: DeltaUsage): ModelUsage {
  return {
    ...before,
    inputTokens: usage.input_tokens ?? before.inputTokens,
    cacheReadTokens: usage.cache_read_input_tokens ?? before.cacheReadTokens,
    outputTokens: usage.output_tokens ?? before.outputTokens,
  };
}
