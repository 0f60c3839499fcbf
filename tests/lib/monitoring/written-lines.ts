/** Every line that a stage's log groups can hold, by where it comes from. */
import { accessLogFormat } from '#lib/monitoring/access-log.ts';
import type { LineSource } from '#lib/monitoring/metric-filters.ts';
import { functionOutput } from './function-output.ts';
import { mediaOutput } from './media-output.ts';
import type { WrittenLine } from './process-output.ts';

export interface Written {
  readonly lines: Readonly<Record<LineSource, readonly WrittenLine[]>>;
  readonly metrics: Readonly<Record<'media' | 'api', ReadonlySet<string>>>;
}

/** As the gateway fills the format in. */
function accessLine(routeKey: string, status: number): WrittenLine {
  const values: Readonly<Record<string, string>> = {
    '$context.routeKey': routeKey,
    '$context.status': String(status),
  };
  return JSON.parse(accessLogFormat.replace(/\$context\.\w+/g, (variable) => values[variable] ?? '-'));
}

export async function writtenLines(stage: string): Promise<Written> {
  const [media, functions] = [await mediaOutput(stage), await functionOutput(stage)];
  const { webhooks, jobs, others } = functions;
  const all = [webhooks, jobs, others];
  return {
    metrics: { media: media.metrics(), api: new Set(all.flatMap((output) => [...output.metrics()])) },
    lines: {
      media: media.lines,
      webhooks: webhooks.lines,
      jobs: jobs.lines,
      functions: all.flatMap(({ lines }) => lines),
      access: [
        accessLine('POST /call/incoming', 200),
        accessLine('POST /call/outbound', 200),
        accessLine('POST /call/outbound', 429),
      ],
    },
  };
}
