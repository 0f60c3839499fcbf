import * as z from 'zod';

const count = z.number().int().nonnegative();

/** Tokens of one model request as the vendor counts them. The prompt is the sum of the first four. */
export const modelUsageSchema = z.object({
  /** Uncached input only. */
  inputTokens: count,
  cacheWrite5mTokens: count,
  cacheWrite1hTokens: count,
  cacheReadTokens: count,
  outputTokens: count,
});
export type ModelUsage = z.infer<typeof modelUsageSchema>;

/** What one call used, as the summary line reports it. */
export const callUsageSchema = z.object({
  claudeInputTokens: count,
  claudeOutputTokens: count,
  claudeCacheCreationTokens: count,
  claudeCacheReadTokens: count,
  /** Tokens (input and output) of replies that nobody heard. */
  claudeWastedTokens: count,
  /** Characters synthesised live. */
  ttsChars: count,
  /** Characters spoken from recorded phrases. */
  ttsCharsCached: count,
  sttSecs: z.number().nonnegative(),
  twilioSecs: z.number().nonnegative(),
});
export type CallUsage = z.infer<typeof callUsageSchema>;

export const noUsage: CallUsage = {
  claudeInputTokens: 0,
  claudeOutputTokens: 0,
  claudeCacheCreationTokens: 0,
  claudeCacheReadTokens: 0,
  claudeWastedTokens: 0,
  ttsChars: 0,
  ttsCharsCached: 0,
  sttSecs: 0,
  twilioSecs: 0,
};
