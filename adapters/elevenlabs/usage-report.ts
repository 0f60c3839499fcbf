/** What ElevenLabs has counted of speech and recognition, priced by our table: its report holds no dollars of a plan. */
import * as z from 'zod';
import type { CostService } from '#core/costs/cost-event.ts';
import { startOfDay } from '#core/costs/days.ts';
import { roundUsd } from '#core/costs/money.ts';
import { operations } from '#core/costs/price-charge.ts';
import { type Prices, priceOfSpeech } from '#core/costs/prices.ts';
import type { VendorDay } from '#core/costs/reconcile.ts';
import { ProviderError } from '#core/errors.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { UsageReport } from '#core/ports/usage-report.ts';
import { createEndpoint, type EndpointOptions } from './endpoint.ts';
import { request } from './http-request.ts';
import { createElevenLabsUsage } from './usage.ts';

const timeoutMs = 10_000;
const bodyBytesMax = 1024 * 1024;
const dayMs = 86_400_000;
const minutesPerHour = 60;
const secsPerMinute = 60;

/** The names the report gives its products. */
const speechProduct = 'Text to Speech';
const recognitionProduct = 'Speech to Text';

const statsSchema = z.object({ usage: z.record(z.string(), z.array(z.number().nullable())) });

export interface ElevenLabsReportOptions extends EndpointOptions {
  readonly prices: Prices;
  readonly speechModel: string;
  readonly clock: Clock;
  readonly fetch?: typeof fetch;
}

export function createElevenLabsReport(options: ElevenLabsReportOptions): UsageReport {
  const { prices, speechModel, clock } = options;
  const endpoint = createEndpoint(options);
  const subscription = createElevenLabsUsage(options);

  const used = async (day: string, metric: string, product: string, signal: AbortSignal) => {
    const startMs = startOfDay(day).getTime();
    const url = endpoint.http('/v1/usage/character-stats');
    url.search = new URLSearchParams({
      start_unix: String(startMs),
      end_unix: String(startMs + dayMs - 1),
      breakdown_type: 'product_type',
      aggregation_interval: 'day',
      metric,
    }).toString();
    const { body } = await request({
      provider: 'elevenlabs-tts',
      url,
      init: {},
      apiKey: endpoint.apiKey,
      timeoutMs,
      bytesMax: bodyBytesMax,
      signal,
      fetch: options.fetch ?? fetch,
    });
    return (readStats(body).usage[product] ?? []).reduce((sum: number, value) => sum + (value ?? 0), 0);
  };

  return {
    services: ['elevenlabs-tts', 'elevenlabs-stt'],
    async day(day, { signal }) {
      const [characters, minutes] = await Promise.all([
        used(day, 'tts_characters', speechProduct, signal),
        used(day, 'minutes_used', recognitionProduct, signal),
      ]);
      const perHour = prices.recognition.usd;
      return new Map<CostService, VendorDay>([
        [
          'elevenlabs-tts',
          {
            ...priced(characters, 1_000, priceOfSpeech(prices, speechModel), 'characters'),
            counts: [{ operation: operations.live, usage: characters }],
          },
        ],
        [
          'elevenlabs-stt',
          {
            ...priced(minutes, minutesPerHour, perHour, 'minutes'),
            counts: [{ operation: operations.recognition, usage: minutes * secsPerMinute }],
          },
        ],
      ]);
    },
    async quotas({ signal }) {
      const { charactersUsed, charactersMax, resetsAt } = await subscription.quota({ signal });
      return [
        {
          name: 'elevenlabs-characters',
          service: 'elevenlabs-tts',
          used: charactersUsed,
          max: charactersMax,
          unit: 'characters',
          ...(resetsAt === undefined ? {} : { resetsAt: resetsAt.toISOString() }),
          at: clock.now().toISOString(),
        },
      ];
    },
    balanceUsd: async () => undefined,
  };
}

function priced(amount: number, per: number, price: number | null, unit: string): VendorDay {
  if (price === null) return { skipped: `The vendor counts ${amount} ${unit}; their price is not known.` };
  return {
    usd: roundUsd((amount / per) * price),
    note: `The vendor counts ${Math.round(amount * 1_000) / 1_000} ${unit}, priced by our table.`,
  };
}

function readStats(body: Uint8Array): z.infer<typeof statsSchema> {
  try {
    return statsSchema.parse(JSON.parse(new TextDecoder().decode(body)));
  } catch (cause) {
    throw new ProviderError('The usage report could not be read', {
      provider: 'elevenlabs-tts',
      failure: 'protocol',
      code: 'unreadable-usage',
      cause,
    });
  }
}
