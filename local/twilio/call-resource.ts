/** Calls as the REST API shows them. Times are RFC 2822, numbers are strings. */
import type { SimulatedCall } from './call.ts';
import { type RestAnswer, refuse } from './rest-answer.ts';
import type { ExchangeSettings } from './settings.ts';

const apiVersion = '2010-04-01';

const rfc2822 = (moment: string | undefined): string | null =>
  moment === undefined ? null : new Date(moment).toUTCString().replace('GMT', '+0000');

export function callResource({ accountSid }: ExchangeSettings, call: SimulatedCall): object {
  const { callSid, ledger } = call;
  const uri = `/${apiVersion}/Accounts/${accountSid}/Calls/${callSid}.json`;
  return {
    sid: callSid,
    account_sid: accountSid,
    parent_call_sid: null,
    to: ledger.to,
    to_formatted: ledger.to,
    from: ledger.from,
    from_formatted: ledger.from,
    phone_number_sid: null,
    status: ledger.status,
    start_time: rfc2822(ledger.answeredAt),
    end_time: rfc2822(ledger.endedAt),
    duration: ledger.endedAt === undefined ? null : String(Math.round(ledger.durationSecs)),
    // Filled in long after the call; until then nobody knows.
    price: null,
    price_unit: 'USD',
    direction: ledger.direction,
    answered_by: null,
    forwarded_from: null,
    caller_name: '',
    group_sid: null,
    queue_time: String(call.queueTimeMs),
    trunk_sid: null,
    api_version: apiVersion,
    date_created: rfc2822(ledger.startedAt),
    date_updated: rfc2822(ledger.endedAt ?? ledger.startedAt),
    uri,
    subresource_uris: {},
  };
}

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
  const found = calls.filter(
    ({ ledger, createdAtMs }) =>
      wanted('To', ledger.to) &&
      wanted('From', ledger.from) &&
      wanted('Status', ledger.status) &&
      started(createdAtMs),
  );
  const first = page * size;
  const shown = found.slice(first, first + size);
  const uriOf = (number: number) => {
    const params = new URLSearchParams(query);
    params.set('PageSize', String(size));
    params.set('Page', String(number));
    return `${prefix}.json?${params}`;
  };
  return {
    status: 200,
    body: {
      calls: shown.map((call) => callResource(settings, call)),
      page,
      page_size: size,
      start: first,
      end: first + Math.max(0, shown.length - 1),
      uri: uriOf(page),
      first_page_uri: uriOf(0),
      next_page_uri: first + size < found.length ? uriOf(page + 1) : null,
      previous_page_uri: page > 0 ? uriOf(page - 1) : null,
    },
  };
}
