/** How many tokens an aborted reply used: the service reports none after the connection is dropped. */

/** English text in Claude's older tokenizer, by Anthropic's rule of thumb. */
const charsPerToken = 4;
/** Models from 4.7 on count about 30 % more tokens for the same text (Anthropic's migration guide). */
const newTokenizerFactor = 1.3;

/** @returns the estimate, rounded up; 0 for no text. Corrected by reconciliation with the usage report. */
export function estimateOutputTokens(text: string): number {
  return Math.ceil((text.length / charsPerToken) * newTokenizerFactor);
}
