/** What Twilio has charged the account for voice (Twilio documentation, "Usage Records", "Balance"). */
import * as z from 'zod';
import { roundUsd } from '#core/costs/money.ts';
import type { VendorDay } from '#core/costs/reconcile.ts';
import type { UsageReport } from '#core/ports/usage-report.ts';
import { createRestClient, type TwilioRestOptions } from './rest-client.ts';
import { unreadableAnswer } from './rest-failures.ts';

/** Money comes as a number or as a string, and negative where it is taken off the balance. */
const amount = z.coerce.number().transform(Math.abs);

const recordsSchema = z.object({
  usage_records: z.array(
    z.object({
      category: z.string(),
      price: amount.nullish(),
      usage: z.coerce.number().nullish(),
      price_unit: z.string().nullish(),
    }),
  ),
});
const balanceSchema = z.object({ balance: z.coerce.number(), currency: z.string().nullish() });

/** A sum of all categories: not to be added to them. */
const totalCategory = 'totalprice';
/** Rent of numbers is no part of a call; a category and its subcategories begin alike. */
const notCalls = /^(phonenumbers|sms|mms|recordingstorage)/;
/** Parts of a whole that the report also gives: `calls-inbound` holds `calls-inbound-local`. */
const wholes = ['calls-inbound', 'calls-outbound', 'answering-machine-detection', 'calls-recordings'];

export function createTwilioUsage(options: TwilioRestOptions): UsageReport {
  const rest = createRestClient(options);
  return {
    services: ['twilio'],
    async day(day, { signal }) {
      const query = new URLSearchParams({ StartDate: day, EndDate: day, PageSize: '1000' });
      const parsed = recordsSchema.safeParse(await rest.get(`/Usage/Records/Daily.json?${query}`, signal));
      if (!parsed.success) throw unreadableAnswer('unreadable-usage', parsed.error);
      return new Map([['twilio', priceOf(parsed.data.usage_records)]]);
    },
    quotas: async () => [],
    async balanceUsd({ signal }) {
      const parsed = balanceSchema.safeParse(await rest.get('/Balance.json', signal));
      if (!parsed.success) throw unreadableAnswer('unreadable-balance', parsed.error);
      const { balance, currency } = parsed.data;
      return (currency ?? 'USD').toUpperCase() === 'USD' ? balance : undefined;
    },
  };
}

type UsageRecord = z.infer<typeof recordsSchema>['usage_records'][number];

/**
 * The total less what belongs to no call, since the category of media streams is not documented; without a total,
 * the sum of the voice categories that are.
 */
function priceOf(records: readonly UsageRecord[]): VendorDay {
  if (records.some(({ price_unit: unit }) => unit != null && unit.toUpperCase() !== 'USD'))
    return { skipped: 'The account is not billed in US dollars.' };
  const sum = (matches: (category: string) => boolean) =>
    records.reduce((usd, { category, price }) => usd + (matches(category) ? (price ?? 0) : 0), 0);
  const whole = records.find(({ category }) => category === totalCategory);
  if (whole?.price == null)
    return {
      usd: roundUsd(sum((category) => wholes.includes(category))),
      note: 'Sum of the voice categories; the report has no total.',
    };
  // The report repeats subcategories: only the heads of families are taken off.
  const rent = sum((category) => notCalls.test(category) && !category.includes('-'));
  return {
    usd: roundUsd(Math.max(0, whole.price - rent)),
    note: 'Total of the day without rent of numbers and messages.',
  };
}
