import type { StageSettings } from './schema.ts';

/** The account's own prices, as the processes read them; nothing where the list prices hold. */
export const pricesVariable = ({ prices }: StageSettings): Record<string, string> =>
  prices === undefined ? {} : { PRICES: JSON.stringify(prices) };
