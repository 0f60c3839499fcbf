/** What a call adds to a day. Calls and their length count on the day they began; money on the day it was spent. */
import type { CallRecord, CostSummary } from '../records/call-record.ts';
import type { CostEvent } from './cost-event.ts';
import { dayOf } from './days.ts';
import { settledEvents } from './settled.ts';
import { summarise } from './summarise.ts';
import type { Contribution } from './totals.ts';

/** The longest call: ours are shorter, but a transferred one may last four hours (`<Dial timeLimit>`). */
export const callHoursMax = 5;

/** A call whose end lies in another day, or is not known, has to be split by its events. */
export function needsEvents(record: CallRecord): boolean {
  return record.costSummary === undefined || dayOf(record.endedAt ?? '') !== dayOf(record.startedAt);
}

function contribution(record: CallRecord, day: string, summary: CostSummary): Contribution {
  const { callSid, role, direction, outcome, keyId, callerHash } = record;
  return {
    callSid,
    role,
    direction,
    outcome,
    keyId,
    callerHash,
    began: dayOf(record.startedAt) === day,
    durationSecs: record.durationSecs ?? 0,
    turnCount: record.turnCount,
    summary,
  };
}

/** @param record of a call that began and ended on this day. */
export const wholeCall = (record: CallRecord & { readonly costSummary: CostSummary }): Contribution =>
  contribution(record, dayOf(record.startedAt), record.costSummary);

/**
 * @param events of the call, in any order, repeated or not.
 * @returns undefined when the call neither began on that day nor spent anything in it.
 */
export function partOfCall(
  record: CallRecord,
  day: string,
  events: readonly CostEvent[],
): Contribution | undefined {
  const ofDay = settledEvents(events).filter(({ at }) => dayOf(at) === day);
  if (ofDay.length === 0 && dayOf(record.startedAt) !== day) return undefined;
  return contribution(record, day, summarise(ofDay));
}

/** What a call that is about to be removed has added to which day, without what ties it to a caller. */
export function partsToKeep(
  record: CallRecord,
  events: readonly CostEvent[],
): readonly { readonly day: string; readonly part: Contribution }[] {
  const days = new Set([dayOf(record.startedAt), ...events.map(({ at }) => dayOf(at))]);
  return [...days].flatMap((day) => {
    const part = partOfCall(record, day, events);
    return part === undefined ? [] : [{ day, part: { ...part, callerHash: undefined } }];
  });
}
