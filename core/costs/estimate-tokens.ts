/** How many tokens an aborted reply used: the service reports none after the connection is dropped. */

/** English text in Claude's older tokenizer, by Anthropic's rule of thumb. */
export const charsPerToken = 4;
/** Models from 4.7 on count about 30 % more tokens for the same text (Anthropic's migration guide). */
const newTokenizerFactor = 1.3;
/** Families of the older tokenizer. */
const olderModels = /^claude-(haiku-4-5|sonnet-4-[56]|opus-4-[56])/;

/** Tokens of a text by this model, in tokens of the older tokenizer. */
export const tokenizerFactorOf = (model: string): number =>
  olderModels.test(model) ? 1 : newTokenizerFactor;

/** @returns the estimate, rounded up; 0 for no text. Corrected by reconciliation with the usage report. */
export function estimateOutputTokens(text: string, model: string): number {
  return Math.ceil((text.length / charsPerToken) * tokenizerFactorOf(model));
}
