import { factsOf } from './models.ts';

/** English text, by Anthropic's rule of thumb. */
const charsPerToken = 4;
const newTokenizerFactor = 1.3;

/** How many tokens a text has for a model: not what the real tokenizer says, but near it, and always the same. */
export const tokensOf = (model: string, text: string): number => tokensOfChars(model, text.length);

export function tokensOfChars(model: string, chars: number): number {
  const factor = factsOf(model)?.newTokenizer ? newTokenizerFactor : 1;
  return Math.ceil((chars / charsPerToken) * factor);
}

/** The longest start of `text` that has at most `tokens` tokens. */
export function cutToTokens(model: string, text: string, tokens: number): string {
  const factor = factsOf(model)?.newTokenizer ? newTokenizerFactor : 1;
  return text.slice(0, Math.max(0, Math.floor((tokens * charsPerToken) / factor)));
}
