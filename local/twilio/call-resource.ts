/** Calls as the REST API shows them. Times are RFC 2822, numbers are strings. */
import type { SimulatedCall } from './call.ts';
import type { LegNote } from './ledger.ts';
import { legPriceUsd } from './leg-price.ts';
import { type RestAnswer, refuse } from './rest-answer.ts';
import type { ExchangeSettings } from './settings.ts';

const apiVersion = '2010-04-01';

const rfc2822 = (moment: string | undefined): string | null =>
  moment === undefined ? null : new Date(moment).toUTCString().replace('GMT', '+0000');

const priceAfterMsUsual = 60_000;

/** As Twilio writes it: negative, and unknown until a while after the end. */
function priceOf(leg: LegNote, { priceAfterMs = priceAfterMsUsual }: ExchangeSettings): string | null {
  if (leg.endedAt === undefined || Date.now() - Date.parse(leg.endedAt) < priceAfterMs) return null;
  return (-legPriceUsd(leg)).toFixed(5);
}

/** @param queueTimeMs how long an outbound call waited for its turn. */
export function legResource(settings: ExchangeSettings, leg: LegNote, queueTimeMs: number): object {
  const { accountSid } = settings;
  const uri = `/${apiVersion}/Accounts/${accountSid}/Calls/${leg.callSid}.json`;
  return {
    sid: leg.callSid,
    account_sid: accountSid,
    parent_call_sid: leg.parentCallSid ?? null,
    to: leg.to,
    to_formatted: leg.to,
    from: leg.from,
    from_formatted: leg.from,
    phone_number_sid: null,
    status: leg.status,
    start_time: rfc2822(leg.answeredAt),
    end_time: rfc2822(leg.endedAt),
    duration: leg.endedAt === undefined ? null : String(Math.round(leg.durationSecs)),
    price: priceOf(leg, settings),
    price_unit: 'USD',
    direction: leg.direction,
    answered_by: null,
    forwarded_from: null,
    caller_name: '',
    group_sid: null,
    queue_time: String(queueTimeMs),
    trunk_sid: null,
    api_version: apiVersion,
    date_created: rfc2822(leg.startedAt),
    date_updated: rfc2822(leg.endedAt ?? leg.startedAt),
    uri,
    subresource_uris: {},
  };
}

export const callResource = (settings: ExchangeSettings, { ledger, queueTimeMs }: SimulatedCall): object =>
  legResource(settings, ledger, queueTimeMs);

const pageSizeUsual = 50;
const pageSizeMax = 1_000;
const dayMs = 86_400_000;

/** A day (`2026-11-21`, the whole of it) or a moment. */
function timeRange(text: string | null): { readonly from: number; readonly to: number } | undefined {
  if (text === null) return undefined;
  const from = Date.parse(text);
  return { from, to: /^\d{4}-\d{2}-\d{2}$/.test(text) ? from + dayMs : from + 1000 };
}

/** The comparison is part of the parameter's name: `StartTime>=2026-11-21`, sent as `StartTime>` with a value. */
function startedWithin(query: URLSearchParams): ((atMs: number) => boolean) | undefined {
  const [on, after, before] = ['StartTime', 'StartTime>', 'StartTime<'].map((name) =>
    timeRange(query.get(name)),
  );
  if ([on, after, before].some((range) => range && Number.isNaN(range.from))) return undefined;
  return (atMs) =>
    (!on || (atMs >= on.from && atMs < on.to)) &&
    (!after || atMs >= after.from) &&
    (!before || atMs < before.to);
}

/** Every leg is a call of its own; newest first. */
const legsOf = (calls: readonly SimulatedCall[]) =>
  calls.flatMap(({ ledger, queueTimeMs }) => [
    ...ledger.legs.toReversed().map((leg) => ({ leg, queueTimeMs: 0 })),
    { leg: ledger as LegNote, queueTimeMs },
  ]);

/** A page begins after the leg that its token names: calls that begin meanwhile move nothing. */
const tokenOf = (callSid: string) => `PA${callSid}`;

export function listCalls(
  settings: ExchangeSettings,
  calls: readonly SimulatedCall[],
  query: URLSearchParams,
  prefix: string,
): RestAnswer {
  const started = startedWithin(query);
  if (!started) return refuse(400, 20_001, 'StartTime is not a date');
  const size = Number(query.get('PageSize') ?? pageSizeUsual);
  const page = Number(query.get('Page') ?? 0);
  if (!Number.isInteger(size) || size < 1 || size > pageSizeMax || !Number.isInteger(page) || page < 0)
    return refuse(400, 20_006, 'PageSize or Page is not a usable number');
  const wanted = (name: string, value: string) => query.get(name) === null || query.get(name) === value;
  const found = legsOf(calls).filter(
    ({ leg }) =>
      wanted('To', leg.to) &&
      wanted('From', leg.from) &&
      wanted('Status', leg.status) &&
      wanted('ParentCallSid', leg.parentCallSid ?? '') &&
      started(Date.parse(leg.startedAt)),
  );
  const token = query.get('PageToken');
  const after = found.findIndex(({ leg }) => tokenOf(leg.callSid) === token);
  if (token !== null && after === -1) return refuse(400, 20_006, 'PageToken is not one of this list');
  const first = token === null ? page * size : after + 1;
  const shown = found.slice(first, first + size);
  const uriOf = (number: number, pageToken?: string) => {
    const params = new URLSearchParams(query);
    params.set('PageSize', String(size));
    params.set('Page', String(number));
    params.delete('PageToken');
    if (pageToken !== undefined) params.set('PageToken', pageToken);
    return `${prefix}.json?${params}`;
  };
  const last = shown.at(-1)?.leg.callSid ?? '';
  return {
    status: 200,
    body: {
      calls: shown.map(({ leg, queueTimeMs }) => legResource(settings, leg, queueTimeMs)),
      page,
      page_size: size,
      start: first,
      end: first + Math.max(0, shown.length - 1),
      uri: uriOf(page, token ?? undefined),
      first_page_uri: uriOf(0),
      next_page_uri: first + size < found.length ? uriOf(page + 1, tokenOf(last)) : null,
      previous_page_uri: page > 0 ? uriOf(page - 1) : null,
    },
  };
}
