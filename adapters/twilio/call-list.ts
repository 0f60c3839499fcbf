/** The account's calls of a day. Source: Twilio, "Call resource" (reading a list, paging). */
import * as z from 'zod';
import { addDays, startOfDay } from '#core/costs/days.ts';
import { callSidSchema } from '#core/ids.ts';
import type { CarrierCall, CarrierCalls } from '#core/ports/carrier-calls.ts';
import { callStatusSchema } from '#core/records/call-record.ts';
import { createRestClient, type TwilioRestOptions } from './rest-client.ts';
import { unreadableAnswer } from './rest-failures.ts';

/** Half of what Twilio gives at most: about a megabyte. */
const pageSize = 500;
const pageBytesMax = 8 * 1024 * 1024;
/** A list of this length takes Twilio seconds, and nobody waits for it. */
const timeoutMs = 30_000;
/** Five times the calls of the busiest day we are made for; a list that never ends is not read to its end. */
const pagesMax = 1_000;

/** Numbers come as strings, moments in RFC 2822, and what is not known yet as null. */
const moment = z
  .string()
  .nullish()
  .transform((text) => (text == null || Number.isNaN(Date.parse(text)) ? undefined : new Date(text)));
const callSchema = z.object({
  sid: callSidSchema,
  parent_call_sid: callSidSchema.nullish().catch(undefined),
  status: callStatusSchema,
  direction: z.string(),
  from: z.string().nullish(),
  to: z.string().nullish(),
  start_time: moment,
  end_time: moment,
  date_created: moment,
  duration: z.coerce.number().nonnegative().nullish().catch(undefined),
  price: z.coerce.number().nullish().catch(undefined),
  price_unit: z.string().nullish(),
});
const pageSchema = z.object({ calls: z.array(callSchema), next_page_uri: z.string().nullish() });

/** @param options an answer that cannot be read is a `ProviderError` (`protocol`). */
export function createTwilioCallList(options: TwilioRestOptions): CarrierCalls {
  const rest = createRestClient({ timeoutMs, answerBytesMax: pageBytesMax, ...options });
  const account = `/2010-04-01/Accounts/${options.accountSid}`;
  return {
    async *ofDay(day, { signal }) {
      const query = new URLSearchParams({
        'StartTime>': day,
        'StartTime<': addDays(day, 1),
        PageSize: String(pageSize),
      });
      const [from, to] = [startOfDay(day).getTime(), startOfDay(addDays(day, 1)).getTime()];
      let path: string | undefined = `/Calls.json?${query}`;
      for (let pages = 0; path !== undefined; pages += 1) {
        if (pages >= pagesMax) throw unreadableAnswer('endless-call-list');
        const parsed: z.ZodSafeParseResult<z.infer<typeof pageSchema>> = pageSchema.safeParse(
          await rest.get(path, signal),
        );
        if (!parsed.success) throw unreadableAnswer('unreadable-call-list', parsed.error);
        const { calls, next_page_uri: next } = parsed.data;
        // Whether the day after is included is said differently in different places: the moment decides.
        yield calls
          .map(toCarrierCall)
          .filter(({ startedAt: at }) => at.getTime() >= from && at.getTime() < to);
        path = next ? pathOf(next, account) : undefined;
      }
    },
  };
}

/** Our credentials go to our account alone, whatever the answer says. */
function pathOf(uri: string, account: string): string {
  if (!uri.startsWith(`${account}/Calls.json?`)) throw unreadableAnswer('strange-next-page');
  return uri.slice(account.length);
}

function toCarrierCall(call: z.infer<typeof callSchema>): CarrierCall {
  const { sid, parent_call_sid: parent, status, direction, price, price_unit: unit, duration } = call;
  const startedAt = call.start_time ?? call.date_created;
  if (startedAt === undefined) throw unreadableAnswer('call-without-time');
  return {
    callSid: sid,
    ...(parent == null ? {} : { parentCallSid: parent }),
    direction: direction === 'inbound' ? 'inbound' : 'outbound',
    status,
    from: call.from ?? '',
    to: call.to ?? '',
    startedAt,
    ...(call.end_time === undefined ? {} : { endedAt: call.end_time }),
    durationSecs: duration ?? 0,
    // Negative, because it is taken off the balance.
    ...(price == null || (unit ?? 'USD').toUpperCase() !== 'USD' ? {} : { priceUsd: Math.abs(price) }),
  };
}
