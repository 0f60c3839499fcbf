/** Usage and balance as the REST API shows them: by category and day, late, in strings, and with sums among the parts. */
import { defaultPrices } from '#core/costs/prices.ts';
import { addBills, billOf } from './bill.ts';
import type { CallLedger, LegNote } from './ledger.ts';
import { legPriceUsd } from './leg-price.ts';
import { type RestAnswer, refuse } from './rest-answer.ts';
import type { ExchangeSettings } from './settings.ts';

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
/** A trial account begins with about as much. */
const startBalanceUsd = 50;

interface Line {
  readonly category: string;
  readonly count: number;
  readonly usage: number;
  readonly unit: string;
  readonly usd: number;
}

const streamPriceUsd = defaultPrices.mediaStream.usd ?? 0;
const priceOf = (legs: readonly LegNote[]) => legs.reduce((sum, leg) => sum + legPriceUsd(leg), 0);

/** Twilio gives a call to the day it began. */
function linesOf(ledgers: readonly CallLedger[]): readonly Line[] {
  const legs = ledgers.flatMap((ledger) => [ledger, ...ledger.legs]);
  const inbound = legs.filter(({ direction }) => direction === 'inbound');
  const outbound = legs.filter(({ direction }) => direction !== 'inbound');
  const minutes = (list: readonly { billedMinutes: number }[]) =>
    list.reduce((sum, { billedMinutes }) => sum + billedMinutes, 0);
  const streams = ledgers.reduce((sum, { streamMinutes }) => sum + streamMinutes, 0);
  const line = (category: string, count: number, usage: number, usd: number): Line => ({
    category,
    count,
    usage,
    unit: 'minutes',
    usd,
  });
  const parts = [
    line('calls-inbound', inbound.length, minutes(inbound), priceOf(inbound)),
    line('calls-outbound', outbound.length, minutes(outbound), priceOf(outbound)),
    line('media-streams-minutes', ledgers.length, streams, streams * streamPriceUsd),
  ];
  const { machineDetections } = addBills(ledgers.map(billOf));
  parts.push({
    category: 'answering-machine-detection',
    count: machineDetections,
    usage: machineDetections,
    unit: 'calls',
    usd: machineDetections * (defaultPrices.answeringMachineDetection.usd ?? 0),
  });
  const rent = line('phonenumbers', 1, 1, 0);
  const total = parts.reduce((sum, { usd }) => sum + usd, 0);
  const calls = parts.slice(0, 2).reduce((sum, { usd }) => sum + usd, 0);
  return [line('calls', legs.length, minutes(legs), calls), ...parts, rent, line('totalprice', 0, 0, total)];
}

const money = (usd: number) => String(Math.round(usd * 1e5) / 1e5);

export function usageRecords(
  { accountSid }: ExchangeSettings,
  ledgers: readonly CallLedger[],
  query: URLSearchParams,
): RestAnswer {
  const [from, to] = [query.get('StartDate') ?? '', query.get('EndDate') ?? ''];
  if (!dayPattern.test(from) || !dayPattern.test(to))
    return refuse(400, 20_001, 'StartDate and EndDate must be days such as 2026-11-21');
  const category = query.get('Category');
  const ofDays = ledgers.filter(
    ({ startedAt }) => startedAt.slice(0, 10) >= from && startedAt.slice(0, 10) <= to,
  );
  const lines = linesOf(ofDays).filter((line) => category === null || line.category === category);
  return {
    status: 200,
    body: {
      first_page_uri: '',
      next_page_uri: null,
      page: 0,
      page_size: Number(query.get('PageSize') ?? '50'),
      usage_records: lines.map((line) => ({
        account_sid: accountSid,
        category: line.category,
        description: line.category,
        start_date: from,
        end_date: to,
        count: String(line.count),
        count_unit: 'calls',
        usage: String(line.usage),
        usage_unit: line.unit,
        price: money(line.usd),
        price_unit: 'usd',
        as_of: new Date().toISOString(),
      })),
    },
  };
}

export function balance({ accountSid }: ExchangeSettings, ledgers: readonly CallLedger[]): RestAnswer {
  const spent = linesOf(ledgers).find(({ category }) => category === 'totalprice')?.usd ?? 0;
  return {
    status: 200,
    body: { account_sid: accountSid, balance: money(startBalanceUsd - spent), currency: 'USD' },
  };
}
