/** Seeded noise: the same numbers on every machine. */
import { createRandom } from './random.ts';

/** @returns draws from the standard normal distribution, by Box and Muller. */
export function createNormal(seed: number): () => number {
  const { next: uniform } = createRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
