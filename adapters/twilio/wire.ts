/**
 * Media Streams messages as they stand on the wire. Numbers are strings there, except in `mediaFormat`.
 * Source: Twilio, "Media Streams – WebSocket Messages".
 */
import * as z from 'zod';
import type { MulawAudio } from '#core/audio/mulaw.ts';
import { accountSidSchema, callSidSchema, type StreamSid, streamSidSchema } from '#core/ids.ts';
import { limits } from '#core/limits.ts';

const startSchema = z
  .object({
    streamSid: streamSidSchema,
    start: z.object({
      streamSid: streamSidSchema,
      accountSid: accountSidSchema,
      callSid: callSidSchema,
      mediaFormat: z.object({
        encoding: z.literal('audio/x-mulaw'),
        // Documented as numbers, unlike all others of this protocol: as strings they mean the same.
        sampleRate: z.literal([8000, '8000']),
        channels: z.literal([1, '1']),
      }),
      customParameters: z.record(z.string(), z.string()).default({}),
    }),
  })
  .refine(({ streamSid, start }) => streamSid === start.streamSid);

const markSchema = z.object({ streamSid: z.string(), mark: z.object({ name: z.string().min(1) }) });
const dtmfSchema = z.object({
  streamSid: z.string(),
  dtmf: z.object({ digit: z.string().regex(/^[0-9*#A-D]$/) }),
});

const stopSchema = z.object({ streamSid: z.string() });

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
  | { readonly event: 'stop'; readonly streamSid: string }
  /** An event or a track we do not know: new ones may come at any time. */
  | { readonly event: 'unknown' };

/** Why a message could not be read. Names only: a message may hold what a caller said or typed. */
export type MessageProblem =
  | 'not-json'
  | 'no-event'
  | 'malformed-start'
  | 'malformed-media'
  | 'malformed-mark'
  | 'malformed-dtmf'
  | 'malformed-stop';

export type ParsedMessage =
  | { readonly ok: true; readonly message: StreamMessage }
  | { readonly ok: false; readonly problem: MessageProblem };

type Fields = { readonly [field: string]: unknown };

const good = (message: StreamMessage): ParsedMessage => ({ ok: true, message });
const bad = (problem: MessageProblem): ParsedMessage => ({ ok: false, problem });
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/**
 * Decodes strictly, in a tenth of the time of a pattern: Node's decoder skips what is not base64, so a result
 * shorter than the text promises shows that something was skipped. Only the URL-safe letters decode without
 * being of this alphabet.
 */
function decodeBase64(text: string): MulawAudio | undefined {
  if (text.length === 0 || text.length > limits.streamMessageBytesMax || text.length % 4 !== 0)
    return undefined;
  if (text.includes('-') || text.includes('_')) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== (text.length / 4) * 3 - padding) return undefined;
  // Not a Buffer: its `slice` would share memory where that of a Uint8Array copies.
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Checked by hand: 50 of these a second come for every call. */
function parseMedia({ streamSid, media }: Fields): ParsedMessage {
  if (typeof streamSid !== 'string' || !isFields(media)) return bad('malformed-media');
  const { track, payload } = media;
  if (track !== undefined && track !== 'inbound') return good({ event: 'unknown' });
  const audio = typeof payload === 'string' ? decodeBase64(payload) : undefined;
  return audio ? good({ event: 'media', streamSid, audio }) : bad('malformed-media');
}

function parseStart(json: Fields): ParsedMessage {
  const { data } = startSchema.safeParse(json);
  return data ? good({ event: 'start', ...data }) : bad('malformed-start');
}

function parseMark(json: Fields): ParsedMessage {
  const { data } = markSchema.safeParse(json);
  if (!data) return bad('malformed-mark');
  return good({ event: 'mark', streamSid: data.streamSid, name: data.mark.name });
}

function parseDtmf(json: Fields): ParsedMessage {
  const { data } = dtmfSchema.safeParse(json);
  if (!data) return bad('malformed-dtmf');
  return good({ event: 'dtmf', streamSid: data.streamSid, digit: data.dtmf.digit });
}

function parseStop(json: Fields): ParsedMessage {
  const { data } = stopSchema.safeParse(json);
  return data ? good({ event: 'stop', streamSid: data.streamSid }) : bad('malformed-stop');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads one text message from Twilio. Never throws. */
export function parseStreamMessage(text: string): ParsedMessage {
  const json = parseJson(text);
  if (json === undefined) return bad('not-json');
  if (!isFields(json) || typeof json['event'] !== 'string') return bad('no-event');
  switch (json['event']) {
    case 'media':
      return parseMedia(json);
    case 'mark':
      return parseMark(json);
    case 'dtmf':
      return parseDtmf(json);
    case 'connected':
      return good({ event: 'connected' });
    case 'start':
      return parseStart(json);
    case 'stop':
      return parseStop(json);
    default:
      return good({ event: 'unknown' });
  }
}

/** @param audio raw µ-law without any header, of any length but empty. */
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
