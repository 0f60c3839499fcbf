/** Which events of a call count. */
import type { CostEvent } from './cost-event.ts';

/**
 * Each event once, and without those that a later, better one takes the place of. Neither the order of the events
 * nor how often one is given makes a difference.
 *
 * @param events of one call.
 */
export function settledEvents(events: readonly CostEvent[]): readonly CostEvent[] {
  const bySeq = new Map(events.map((event) => [event.seq, event]));
  for (const { supersedes } of events) if (supersedes !== undefined) bySeq.delete(supersedes);
  return [...bySeq.values()];
}
