/** Sums of money without floating-point noise. */

/** Billionths of a dollar: one cached token of the cheapest model is ten of them. */
const nanosPerUsd = 1e9;

/** The one place where an amount is rounded: to a billionth of a dollar. */
export const roundUsd = (usd: number): number => Math.round(usd * nanosPerUsd) / nanosPerUsd;

/** Adds in whole billionths, so that the order of the amounts cannot change the sum. */
export const sumUsd = (amounts: readonly number[]): number =>
  amounts.reduce((nanos, usd) => nanos + Math.round(usd * nanosPerUsd), 0) / nanosPerUsd;

const msPerSec = 1000;

/** Durations are kept to the millisecond. */
export const roundSecs = (secs: number): number => Math.round(secs * msPerSec) / msPerSec;

/** Adds in whole milliseconds: exact in any order. */
export const sumSecs = (durations: readonly number[]): number =>
  durations.reduce((ms, secs) => ms + Math.round(secs * msPerSec), 0) / msPerSec;
