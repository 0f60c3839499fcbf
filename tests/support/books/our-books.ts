/** What our own records say that calls have cost. */
import type { CostEvent } from '#core/costs/cost-event.ts';
import { operations } from '#core/costs/price-charge.ts';
import { settledEvents } from '#core/costs/settled.ts';
import { summarise } from '#core/costs/summarise.ts';
import type { CallSid } from '#core/ids.ts';
import type { CallStore } from '#core/ports/call-store.ts';
import type { CallRecord } from '#core/records/call-record.ts';
import { type BilledService, type Books, billedServices, type ServiceBook } from './vendor-books.ts';

export interface OurCall {
  readonly callSid: CallSid;
  readonly record: CallRecord | undefined;
  readonly events: readonly CostEvent[];
}

export async function readCall(store: CallStore, callSid: CallSid): Promise<OurCall> {
  const [record, events] = await Promise.all([store.find(callSid), store.costEvents(callSid)]);
  return { callSid, record, events: settledEvents(events) };
}

/** The summary in the record is the sum of the events. */
export const isSumOfEvents = ({ record, events }: OurCall): boolean =>
  JSON.stringify(sorted(record?.costSummary?.costByService)) ===
    JSON.stringify(sorted(summarise(events).costByService)) &&
  record?.costSummary?.estimatedCostUsd === summarise(events).estimatedCostUsd;

const sorted = (costs: object = {}) => Object.entries(costs).sort(([a], [b]) => a.localeCompare(b));

const unitNames: Readonly<Record<string, string>> = {
  [operations.input]: 'input tokens',
  [operations.cacheWrite5m]: 'cache writes',
  [operations.cacheWrite1h]: 'cache writes',
  [operations.cacheRead]: 'cache reads',
  [operations.output]: 'output tokens',
  [operations.live]: 'characters',
  [operations.recognition]: 'seconds',
  [operations.inbound]: 'leg minutes',
  [operations.inboundTollFree]: 'leg minutes',
  [operations.outbound]: 'leg minutes',
  [operations.stream]: 'stream minutes',
  [operations.machineDetection]: 'machine detections',
};

export function sumOf(calls: readonly OurCall[]): Books {
  const book = (service: BilledService): ServiceBook => {
    const own = calls.flatMap(({ events }) => events).filter((event) => event.service === service);
    const units: Record<string, number> = {};
    for (const { operation, usage } of own) {
      const name = unitNames[operation];
      if (name !== undefined) units[name] = (units[name] ?? 0) + usage;
    }
    const usd = calls.reduce(
      (sum, { record }) => sum + (record?.costSummary?.costByService[service] ?? 0),
      0,
    );
    return { usd, units };
  };
  return Object.fromEntries(billedServices.map((service) => [service, book(service)])) as Record<
    BilledService,
    ServiceBook
  >;
}
