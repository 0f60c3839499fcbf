/** Chance that can be had again: the same seed gives the same numbers. */

export interface Random {
  /** 0 to 1, without 1. */
  next(): number;
  /** A whole number, both ends included. */
  whole(from: number, to: number): number;
  /** Throws `RangeError` for an empty list. */
  pick<T>(list: readonly T[]): T;
}

/** mulberry32 */
export function createRandom(seed: number): Random {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    whole: (from, to) => from + Math.floor(next() * (to - from + 1)),
    pick(list) {
      const at = Math.floor(next() * list.length);
      if (!(at in list)) throw new RangeError('There is nothing to pick from');
      return list[at] as (typeof list)[number];
    },
  };
}
