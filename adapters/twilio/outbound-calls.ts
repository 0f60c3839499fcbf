/** Calls that we place, as the port wants them. Source: Twilio, "Call resource" and "Error and Warning Dictionary". */
import * as z from 'zod';
import { isProviderError } from '#core/errors.ts';
import { callSidSchema } from '#core/ids.ts';
import type { DestinationRefusal, OutboundCall, OutboundCalls } from '#core/ports/outbound-calls.ts';
import { callStatusSchema } from '#core/records/call-record.ts';
import { createTwilioCallPlacer, type PlaceCallRequest } from './place-call.ts';
import { createRestClient, type TwilioRestOptions } from './rest-client.ts';
import { unreadableAnswer } from './rest-failures.ts';

/** Refusals that are about the number called; all others are about us. */
const refusals: Readonly<Record<string, DestinationRefusal>> = {
  '13224': 'not-valid',
  '21201': 'not-valid',
  '21211': 'not-valid',
  '21217': 'not-valid',
  '21214': 'unreachable',
  '21215': 'country-not-permitted',
  '21216': 'blocked-by-carrier',
  '21219': 'not-verified',
};

/** Calls to one number within a few minutes: one page has them all, and stays small enough to be read. */
const pageSize = 20;
/** The resource's dates have whole seconds, and clocks differ a little. */
const clockToleranceMs = 2_000;

const listSchema = z.object({
  calls: z.array(
    z.object({
      sid: callSidSchema,
      status: callStatusSchema.catch('queued'),
      direction: z.string().catch('outbound-api'),
      /** RFC 2822. */
      date_created: z.string().nullable().catch(null),
    }),
  ),
});

function requestOf(call: OutboundCall): PlaceCallRequest {
  const { machineDetection, answerUrl, ...rest } = call;
  if (!machineDetection) return { ...rest, answer: { url: answerUrl } };
  const { until, callbackUrl } = machineDetection;
  const mode = until === 'known' ? 'Enable' : 'DetectMessageEnd';
  return { ...rest, answer: { url: answerUrl }, machineDetection: { mode, callbackUrl } };
}

/** Failures that leave open whether the call exists; what never left this machine is `retryable`. */
const leavesOpen = ['timeout', 'unavailable', 'protocol'];

export function createTwilioOutboundCalls(options: TwilioRestOptions): OutboundCalls {
  const placer = createTwilioCallPlacer(options);
  const client = createRestClient(options);
  return {
    async place(call, { signal }) {
      try {
        const placed = await placer.placeCall(requestOf(call), { signal });
        return { did: 'placed', ...placed };
      } catch (error) {
        if (!isProviderError(error)) throw error;
        const why = refusals[error.code ?? ''];
        if (why !== undefined) return { did: 'refused', why, code: error.code ?? '' };
        if (!error.retryable && leavesOpen.includes(error.failure)) return { did: 'unclear' };
        throw error;
      }
    },
    async recent({ to, from, since }, { signal }) {
      const query = new URLSearchParams({ To: to, From: from, PageSize: String(pageSize) });
      const { data } = listSchema.safeParse(await client.get(`/Calls.json?${query}`, signal));
      if (!data) throw unreadableAnswer('call-list');
      return data.calls.flatMap(({ sid, status, direction, date_created: created }) => {
        const createdAt = new Date(created ?? Number.NaN);
        const isNew = createdAt.getTime() >= since.getTime() - clockToleranceMs;
        return isNew && direction === 'outbound-api' ? [{ callSid: sid, status, createdAt }] : [];
      });
    },
  };
}
