/** What the tasks of a day have cost, whether calls were on them or not. */
import type { UsageReport } from '../ports/usage-report.ts';
import { roundUsd } from './money.ts';
import { type Prices, priceOfTaskSec } from './prices.ts';
import type { VendorDay } from './reconcile.ts';

const secsPerHour = 3_600;

/**
 * @param taskSecs seconds of all tasks on a UTC day. Throws `ProviderError`.
 * The answer's `rest` says that what no call was charged for belongs to nobody, and is no mistake.
 */
export function createTaskReport(
  prices: Prices,
  taskSecs: (day: string, options: { readonly signal: AbortSignal }) => Promise<number>,
): UsageReport {
  const { task } = prices;
  const perSec = priceOfTaskSec(prices);
  return {
    services: ['fargate'],
    async day(day, options) {
      const secs = await taskSecs(day, options);
      if (perSec === null) return new Map([['fargate', { skipped: 'The price of a task is not known.' }]]);
      const usd = roundUsd(secs * perSec);
      const hours = (secs / secsPerHour).toFixed(1);
      const note = `${hours} task-hours of ${task.vcpu} vCPU and ${task.memoryGb} GB, by our table.`;
      return new Map<'fargate', VendorDay>([['fargate', { usd, note, rest: 'unallocated' }]]);
    },
    quotas: async () => [],
    balanceUsd: async () => undefined,
  };
}
