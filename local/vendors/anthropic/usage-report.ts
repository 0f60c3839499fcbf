/** The usage report of the Admin API: what was billed, by day and model. */
import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import type { DailyUse } from './ledger.ts';

export const usageReportPath = '/v1/organizations/usage_report/messages';
/** Days of one answer; the rest comes on the next page. */
const bucketsMax = 31;
const bucketsUsual = 7;
const dayMs = 86_400_000;

const querySchema = z.object({
  starting_at: z.iso.datetime(),
  ending_at: z.iso.datetime().optional(),
  bucket_width: z.literal('1d').default('1d'),
  limit: z.coerce.number().int().min(1).max(bucketsMax).default(bucketsUsual),
  page: z.string().optional(),
});

export type ReportAnswer =
  | { readonly status: 200; readonly body: object }
  | { readonly status: 400 | 401; readonly message: string };

/** Only an admin key may ask, in its own header. */
export function answerUsageReport(
  incoming: IncomingMessage,
  query: URLSearchParams,
  days: readonly DailyUse[],
): ReportAnswer {
  const key = incoming.headers['x-api-key'];
  if (typeof key !== 'string' || !key.startsWith('sk-ant-admin'))
    return { status: 401, message: 'An Admin API key is needed' };
  if (incoming.headers['anthropic-version'] === undefined)
    return { status: 400, message: 'anthropic-version: header is required' };
  const parsed = querySchema.safeParse(Object.fromEntries(query));
  if (!parsed.success) return { status: 400, message: parsed.error.issues[0]?.path.join('.') ?? 'query' };
  const { starting_at, ending_at, limit, page } = parsed.data;
  const from = Date.parse(page ?? starting_at);
  const to = ending_at === undefined ? Date.now() : Date.parse(ending_at);
  const byModel = query.getAll('group_by[]').includes('model');
  const starts: number[] = [];
  for (let at = from; at < to && starts.length < limit; at += dayMs) starts.push(at);
  const next = (starts.at(-1) ?? from) + dayMs;
  return {
    status: 200,
    body: {
      data: starts.map((at) => {
        const day = new Date(at).toISOString().slice(0, 10);
        return {
          starting_at: new Date(at).toISOString(),
          ending_at: new Date(at + dayMs).toISOString(),
          results: resultsOf(
            days.filter((use) => use.day === day),
            byModel,
          ),
        };
      }),
      has_more: next < to,
      next_page: next < to ? new Date(next).toISOString() : null,
    },
  };
}

function resultsOf(uses: readonly DailyUse[], byModel: boolean): readonly object[] {
  const rows = uses.map(({ model, totals }) => ({
    model: byModel ? model : null,
    api_key_id: null,
    workspace_id: null,
    service_tier: null,
    context_window: null,
    uncached_input_tokens: totals.inputTokens,
    cache_creation: {
      ephemeral_5m_input_tokens: totals.cacheWrite5mTokens,
      ephemeral_1h_input_tokens: totals.cacheWrite1hTokens,
    },
    cache_read_input_tokens: totals.cacheReadTokens,
    output_tokens: totals.outputTokens,
    server_tool_use: { web_search_requests: 0 },
  }));
  return rows;
}
