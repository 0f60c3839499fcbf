/**
 * Media Streams messages as they stand on the wire. Numbers are strings there, except in `mediaFormat`.
 * Source: Twilio, "Media Streams – WebSocket Messages".
 */
import * as z from 'zod';
import type { MulawAudio } from '#core/audio/mulaw.ts';
import { accountSidSchema, callSidSchema, type StreamSid, streamSidSchema } from '#core/ids.ts';

const startSchema = z.object({
  streamSid: streamSidSchema,
  start: z.object({
    accountSid: accountSidSchema,
    callSid: callSidSchema,
    mediaFormat: z.object({
      encoding: z.literal('audio/x-mulaw'),
      sampleRate: z.literal(8000),
      channels: z.literal(1),
    }),
    customParameters: z.record(z.string(), z.string()).default({}),
  }),
});

const markSchema = z.object({ streamSid: z.string(), mark: z.object({ name: z.string() }) });
const dtmfSchema = z.object({
  streamSid: z.string(),
  dtmf: z.object({ digit: z.string().regex(/^[0-9*#A-D]$/) }),
});

export type StreamMessage =
  | { readonly event: 'connected' }
  | {
      readonly event: 'start';
      readonly streamSid: StreamSid;
      readonly start: z.infer<typeof startSchema>['start'];
    }
  | { readonly event: 'media'; readonly streamSid: string; readonly audio: MulawAudio }
  | { readonly event: 'mark'; readonly streamSid: string; readonly name: string }
  | { readonly event: 'dtmf'; readonly streamSid: string; readonly digit: string }
  | { readonly event: 'stop' }
  /** An event we do not know: new ones may come at any time. */
  | { readonly event: 'unknown' };

export type ParsedMessage =
  | { readonly ok: true; readonly message: StreamMessage }
  | { readonly ok: false; readonly problem: string };

const good = (message: StreamMessage): ParsedMessage => ({ ok: true, message });
const bad = (problem: string): ParsedMessage => ({ ok: false, problem });

/** Never throws. `problem` is static text: nothing of the message gets into it. */
export function parseStreamMessage(text: string): ParsedMessage {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return bad('not JSON');
  }
  if (typeof json !== 'object' || json === null) return bad('not an object');
  const { event } = json as { event?: unknown };
  switch (event) {
    case 'media':
      return parseMedia(json);
    case 'connected':
      return good({ event });
    case 'stop':
      return good({ event });
    case 'start': {
      const parsed = startSchema.safeParse(json);
      return parsed.success
        ? good({ event, ...parsed.data })
        : bad('start does not have the shape of a stream');
    }
    case 'mark': {
      const parsed = markSchema.safeParse(json);
      return parsed.success
        ? good({ event, streamSid: parsed.data.streamSid, name: parsed.data.mark.name })
        : bad('mark without a name');
    }
    case 'dtmf': {
      const parsed = dtmfSchema.safeParse(json);
      return parsed.success
        ? good({ event, streamSid: parsed.data.streamSid, digit: parsed.data.dtmf.digit })
        : bad('dtmf without a digit');
    }
    default:
      return typeof event === 'string' ? good({ event: 'unknown' }) : bad('no event name');
  }
}

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Checked by hand: 50 of these a second come for every call. */
function parseMedia(json: object): ParsedMessage {
  const { streamSid, media } = json as {
    streamSid?: unknown;
    media?: { track?: unknown; payload?: unknown };
  };
  if (typeof streamSid !== 'string') return bad('media without streamSid');
  const payload = media?.payload;
  if (typeof payload !== 'string' || payload.length % 4 !== 0 || !base64.test(payload))
    return bad('media payload is not base64');
  return good({ event: 'media', streamSid, audio: Buffer.from(payload, 'base64') });
}

/** Raw µ-law without any header; any length. */
export function encodeMedia(streamSid: StreamSid, audio: MulawAudio): string {
  const payload = Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength).toString('base64');
  return `{"event":"media","streamSid":"${streamSid}","media":{"payload":"${payload}"}}`;
}

export function encodeMark(streamSid: StreamSid, name: string): string {
  return JSON.stringify({ event: 'mark', streamSid, mark: { name } });
}

export function encodeClear(streamSid: StreamSid): string {
  return JSON.stringify({ event: 'clear', streamSid });
}
