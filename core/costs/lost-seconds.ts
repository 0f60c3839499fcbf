/** What a process had bought by time and could not count any more, because it died before its call's stream ended. */
import type { CostEvent } from './cost-event.ts';
import { roundSecs, roundUsd } from './money.ts';
import { operations } from './price-charge.ts';

/** Longer than between two counts of a running call, with room for a slow store: a longer gap is no death. */
const gapMaxSecs = 15;
const msPerSec = 1_000;
const secsPerMin = 60;

/**
 * @param events of one call that nobody has ended, settled.
 * @param streamEndedAt when its last stream ended, ISO 8601.
 * @returns the events that take the place of those of the same numbers: the recogniser, the stream and the share of
 * the task went on until the end. The leg is the carrier's to tell.
 */
export function lostSeconds(events: readonly CostEvent[], streamEndedAt: string): readonly CostEvent[] {
  const lastOf = (operation: string) =>
    events
      .filter((event) => event.operation === operation && event.estimated)
      .reduce<CostEvent | undefined>(
        (last, event) => (last && last.at >= event.at ? last : event),
        undefined,
      );
  const [recognition, stream, compute] = [
    lastOf(operations.recognition),
    lastOf(operations.stream),
    lastOf(operations.compute),
  ];
  const countedAt = recognition?.at;
  if (countedAt === undefined) return [];
  const secs = roundSecs((Date.parse(streamEndedAt) - Date.parse(countedAt)) / msPerSec);
  if (!(secs > 0 && secs <= gapMaxSecs)) return [];
  // A share of a machine: as much for each second of the call as before.
  const streamSecs = stream?.measuredSecs ?? 0;
  const share = compute === undefined || streamSecs === 0 ? 0 : compute.usage / streamSecs;
  return [
    recognition && withUsage(recognition, roundSecs(recognition.usage + secs)),
    stream && longerStream(stream, roundSecs(streamSecs + secs)),
    compute && withUsage(compute, roundSecs(compute.usage + secs * share)),
  ].filter((event) => event !== undefined);
}

const withUsage = (event: CostEvent, usage: number): CostEvent => ({
  ...event,
  usage,
  costUsd: event.unitPriceUsd === null ? null : roundUsd(usage * event.unitPriceUsd),
});

const longerStream = (event: CostEvent, measuredSecs: number): CostEvent => ({
  ...withUsage(event, Math.ceil(measuredSecs / secsPerMin)),
  measuredSecs,
});
