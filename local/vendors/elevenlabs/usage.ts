/** `GET /v1/usage/character-stats` (ElevenLabs API reference): what was used, by time. */
import type { ServerResponse } from 'node:http';
import * as z from 'zod';
import { sendJson } from '../http-server.ts';
import type { HourlyUse, Ledger } from './ledger.ts';

/** Times are in milliseconds although they are called `unix`: anything earlier than 2001 is seconds by mistake. */
const earliestMs = 1_000_000_000_000;

const querySchema = z.object({
  start_unix: z.coerce.number().int().min(earliestMs),
  end_unix: z.coerce.number().int().min(earliestMs),
  breakdown_type: z.string().default('none'),
  aggregation_interval: z.enum(['hour', 'day', 'week', 'month', 'cumulative']).default('day'),
  metric: z.enum(['credits', 'tts_characters', 'minutes_used', 'request_count']).default('credits'),
});

const hourMs = 3_600_000;
const bucketMs = { hour: hourMs, day: 24 * hourMs, week: 7 * 24 * hourMs, month: 30 * 24 * hourMs };

/** A flash character costs half a credit. */
const creditsPerCharacter = 0.5;

const speechUse: Record<string, (hour: HourlyUse) => number> = {
  credits: (hour) => hour.ttsCharacters * creditsPerCharacter,
  tts_characters: (hour) => hour.ttsCharacters,
  minutes_used: () => 0,
  request_count: (hour) => hour.requests,
};
const recogniserUse = (metric: string, hour: HourlyUse): number =>
  metric === 'minutes_used' ? hour.sttSeconds / 60 : 0;

export function answerUsage(
  response: ServerResponse,
  query: URLSearchParams,
  ledger: Ledger,
  violate: (code: string, message: string) => void,
): void {
  const parsed = querySchema.safeParse(Object.fromEntries(query));
  if (!parsed.success) {
    const loc = ['query', ...(parsed.error.issues[0]?.path ?? [])];
    violate('unprocessable', loc.join('.'));
    sendJson(response, 422, { detail: [{ loc, msg: parsed.error.issues[0]?.message }] });
    return;
  }
  const { start_unix, end_unix, aggregation_interval, metric, breakdown_type } = parsed.data;
  const length =
    aggregation_interval === 'cumulative' ? end_unix - start_unix + 1 : bucketMs[aggregation_interval];
  const first = aggregation_interval === 'cumulative' ? start_unix : Math.floor(start_unix / length) * length;
  const bucketsMax = 10_000;
  const time: number[] = [];
  for (let at = first; at <= end_unix && time.length < bucketsMax; at += length) time.push(at);

  const hours = ledger.hours().filter((hour) => hour.hourMs + hourMs > start_unix && hour.hourMs <= end_unix);
  const sum = (use: (hour: HourlyUse) => number) =>
    time.map((at) =>
      hours
        .filter((hour) => hour.hourMs >= at - hourMs + 1 && hour.hourMs < at + length)
        .filter((hour) => Math.max(hour.hourMs, first) >= at)
        .reduce((total, hour) => total + use(hour), 0),
    );
  const speech = speechUse[metric] ?? (() => 0);
  const usage =
    breakdown_type === 'product_type'
      ? { 'Text to Speech': sum(speech), 'Speech to Text': sum((hour) => recogniserUse(metric, hour)) }
      : { All: sum((hour) => speech(hour) + recogniserUse(metric, hour)) };
  sendJson(response, 200, { time, usage });
}
