/** What Anthropic has counted of tokens, by model and day (Admin API, "Get messages usage report"), priced by our table. */
import * as z from 'zod';
import type { VendorCount } from '#core/costs/correct-estimates.ts';
import { addDays } from '#core/costs/days.ts';
import { roundUsd } from '#core/costs/money.ts';
import { operations } from '#core/costs/price-charge.ts';
import { type Prices, priceOfModel } from '#core/costs/prices.ts';
import type { VendorDay } from '#core/costs/reconcile.ts';
import { CancelledError, ProviderError, type ProviderFailure } from '#core/errors.ts';
import type { UsageReport } from '#core/ports/usage-report.ts';

const timeoutMs = 10_000;
const apiVersion = '2023-06-01';
/** A day of a handful of models is one page; a report that never ends is not read to its end. */
const pagesMax = 20;
const perMillion = 1e6;

const tokens = z.number().nonnegative().nullish();
const pageSchema = z.object({
  data: z.array(
    z.object({
      results: z.array(
        z.object({
          model: z.string().nullish(),
          uncached_input_tokens: tokens,
          cache_read_input_tokens: tokens,
          cache_creation: z
            .object({ ephemeral_5m_input_tokens: tokens, ephemeral_1h_input_tokens: tokens })
            .nullish(),
          output_tokens: tokens,
        }),
      ),
    }),
  ),
  has_more: z.boolean().nullish(),
  next_page: z.string().nullish(),
});
type Row = z.infer<typeof pageSchema>['data'][number]['results'][number];

export interface AnthropicReportOptions {
  /** `sk-ant-admin…`; another than the key that calls the models. */
  readonly adminKey: string;
  readonly baseUrl: string;
  readonly prices: Prices;
  readonly fetch?: typeof fetch;
}

export function createAnthropicReport(options: AnthropicReportOptions): UsageReport {
  const { prices } = options;
  return {
    services: ['anthropic'],
    async day(day, { signal }) {
      const rows: Row[] = [];
      let page: string | undefined;
      for (let pages = 0; pages < pagesMax; pages += 1) {
        const answer = await readPage(options, { day, page, signal });
        rows.push(...answer.data.flatMap(({ results }) => results));
        page = answer.has_more === true ? (answer.next_page ?? undefined) : undefined;
        if (page === undefined) return new Map([['anthropic', priceOf(rows, prices)]]);
      }
      throw unreadable('endless-usage');
    },
    quotas: async () => [],
    balanceUsd: async () => undefined,
  };
}

async function readPage(
  { adminKey, baseUrl, fetch: send = fetch }: AnthropicReportOptions,
  {
    day,
    page,
    signal,
  }: { readonly day: string; readonly page: string | undefined; readonly signal: AbortSignal },
): Promise<z.infer<typeof pageSchema>> {
  const url = new URL('/v1/organizations/usage_report/messages', baseUrl);
  url.search = new URLSearchParams([
    ['starting_at', `${day}T00:00:00Z`],
    ['ending_at', `${addDays(day, 1)}T00:00:00Z`],
    ['bucket_width', '1d'],
    ['group_by[]', 'model'],
    ...(page === undefined ? [] : [['page', page] as [string, string]]),
  ]).toString();
  try {
    const response = await send(url, {
      headers: { 'x-api-key': adminKey, 'anthropic-version': apiVersion, accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    if (!response.ok) throw refused(response.status);
    const parsed = pageSchema.safeParse(await response.json().catch(() => undefined));
    if (!parsed.success) throw unreadable('unreadable-usage');
    return parsed.data;
  } catch (cause) {
    if (signal.aborted) throw new CancelledError();
    if (cause instanceof ProviderError) throw cause;
    const timedOut = cause instanceof Error && cause.name === 'TimeoutError';
    throw new ProviderError('The usage report could not be had', {
      provider: 'anthropic',
      failure: timedOut ? 'timeout' : 'unavailable',
      cause,
    });
  }
}

function refused(status: number): ProviderError {
  const failure: ProviderFailure =
    status === 401 || status === 403
      ? 'refused'
      : status === 429 || status === 529
        ? 'overloaded'
        : status >= 500
          ? 'unavailable'
          : 'invalid-request';
  return new ProviderError('Anthropic refused its usage report', {
    provider: 'anthropic',
    failure,
    code: `http-${status}`,
  });
}

const unreadable = (code: string) =>
  new ProviderError('The usage report could not be read', {
    provider: 'anthropic',
    failure: 'protocol',
    code,
  });

/** A report says nothing of the length of prompts: the price of short ones is taken. */
function priceOf(rows: readonly Row[], prices: Prices): VendorDay {
  let usd = 0;
  for (const row of rows) {
    const model = row.model ?? '';
    const price = priceOfModel(prices, model, 0);
    const bought: readonly (readonly [number | null | undefined, number | null])[] = [
      [row.uncached_input_tokens, price.input],
      [row.cache_creation?.ephemeral_5m_input_tokens, price.cacheWrite5m],
      [row.cache_creation?.ephemeral_1h_input_tokens, price.cacheWrite1h],
      [row.cache_read_input_tokens, price.cacheRead],
      [row.output_tokens, price.output],
    ];
    for (const [count, perMtok] of bought) {
      if (!count) continue;
      if (perMtok === null)
        return { skipped: `The report names ${model || 'no model'}, whose price is not known.` };
      usd += (count * perMtok) / perMillion;
    }
  }
  return {
    usd: roundUsd(usd),
    note: 'Tokens as the vendor counts them, priced by our table.',
    counts: outputOf(rows),
  };
}

/** Of a request that was left we know all but its output: only that is ours to correct. */
function outputOf(rows: readonly Row[]): readonly VendorCount[] {
  const byModel = new Map<string, number>();
  for (const { model, output_tokens: output } of rows)
    if (model) byModel.set(model, (byModel.get(model) ?? 0) + (output ?? 0));
  return [...byModel].map(([model, usage]) => ({ operation: operations.output, model, usage }));
}
