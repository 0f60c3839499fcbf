/** The calls that may have spent money on a day, with their events: those that began on it, or late on the day before. */
import { callHoursMax, needsEvents } from '#core/costs/contribution.ts';
import type { CostEvent } from '#core/costs/cost-event.ts';
import { addDays, dayOf, startOfDay } from '#core/costs/days.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import type { Services } from '../services.ts';

/** Calls whose events are read at once. */
export const callsAtOnce = 32;
const hourMs = 3_600_000;

export interface CallOfDay {
  readonly record: CallRecord;
  /** Of that day, in any order; at least one. */
  readonly events: readonly CostEvent[];
}

/** Oldest call first, in portions. Throws `ProviderError`. */
export async function* callsOfDay(
  day: string,
  { costs, store }: Pick<Services, 'costs' | 'store'>,
): AsyncIterable<readonly CallOfDay[]> {
  const withEvents = async (record: CallRecord): Promise<CallOfDay> => {
    const events = await store.costEvents(record.callSid);
    return { record, events: events.filter(({ at }) => dayOf(at) === day) };
  };
  const lateFrom = new Date(startOfDay(day).getTime() - callHoursMax * hourMs).toISOString();
  const before = costs.callsBegun(addDays(day, -1), lateFrom);
  for (const [pages, wanted] of [
    [before, needsEvents],
    [costs.callsBegun(day), () => true],
  ] as const)
    for await (const page of pages) {
      const records = page.filter(wanted);
      for (let at = 0; at < records.length; at += callsAtOnce) {
        const calls = await Promise.all(records.slice(at, at + callsAtOnce).map(withEvents));
        yield calls.filter(({ events }) => events.length > 0);
      }
    }
}
