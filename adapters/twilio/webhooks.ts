/** Twilio's webhooks, parsed. New parameters come without notice: what we do not know is kept and ignored. */
import * as z from 'zod';
import { callSidSchema } from '#core/ids.ts';
import { callStatusSchema } from '#core/records/call-record.ts';
import type { WebhookParameters } from './request-signature.ts';

/** Parameters of one request beyond which it is not Twilio's. Real ones have about forty. */
const parametersMax = 200;

/** Reads a form body; keeps every value of a repeated name, which the signature needs. */
export function parseFormBody(body: string): WebhookParameters {
  const params: Record<string, string | string[]> = Object.create(null);
  let count = 0;
  for (const [name, value] of new URLSearchParams(body)) {
    count += 1;
    if (count > parametersMax) break;
    const before = params[name];
    if (before === undefined) params[name] = value;
    else params[name] = typeof before === 'string' ? [before, value] : [...before, value];
  }
  return params;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string };

function parseWith<T>(schema: z.ZodType<T>, params: WebhookParameters): Parsed<T> {
  const single = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'string' ? value : value[0]]),
  );
  const parsed = schema.safeParse(single);
  if (parsed.success) return { ok: true, value: parsed.data };
  const fields = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
  return { ok: false, problem: `missing or wrong: ${fields}` };
}

/** A party of a call: an E.164 number, a word such as `anonymous`, a `client:` name or a SIP address. */
const party = z.string().max(256).default('');

const incomingCallSchema = z.object({
  CallSid: callSidSchema,
  From: party,
  To: party,
  CallStatus: callStatusSchema.optional(),
  Direction: z.string().optional(),
});
export type IncomingCall = z.infer<typeof incomingCallSchema>;

export const parseIncomingCall = (params: WebhookParameters): Parsed<IncomingCall> =>
  parseWith(incomingCallSchema, params);

/** Key off `CallSid` only: what else a stream's action carries is not documented. */
const streamEndedSchema = z.object({
  CallSid: callSidSchema,
  /** Set when the action belongs to a `<Dial>`. */
  DialCallStatus: z.enum(['completed', 'answered', 'busy', 'no-answer', 'failed', 'canceled']).optional(),
});
export type StreamEnded = z.infer<typeof streamEndedSchema>;

export const parseStreamEnded = (params: WebhookParameters): Parsed<StreamEnded> =>
  parseWith(streamEndedSchema, params);

const numeric = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);

const progressSchema = z
  .object({
    CallSid: callSidSchema,
    CallStatus: callStatusSchema,
    SequenceNumber: numeric.optional(),
    CallDuration: numeric.optional(),
  })
  .transform(({ CallSid, CallStatus, SequenceNumber, CallDuration }) => ({
    kind: 'progress' as const,
    callSid: CallSid,
    status: CallStatus,
    sequence: SequenceNumber,
    durationSecs: CallDuration,
  }));

const streamSchema = z
  .object({
    CallSid: callSidSchema,
    StreamEvent: z.enum(['stream-started', 'stream-stopped', 'stream-error']),
  })
  .transform(({ CallSid, StreamEvent }) => ({
    kind: 'stream' as const,
    callSid: CallSid,
    event: StreamEvent,
  }));

const recordingSchema = z
  .object({
    CallSid: callSidSchema,
    RecordingSid: z.string(),
    RecordingStatus: z.string(),
    RecordingDuration: numeric.optional(),
  })
  .transform(({ CallSid, RecordingSid, RecordingStatus, RecordingDuration }) => ({
    kind: 'recording' as const,
    callSid: CallSid,
    recordingSid: RecordingSid,
    status: RecordingStatus,
    durationSecs: RecordingDuration,
  }));

const machineSchema = z
  .object({ CallSid: callSidSchema, AnsweredBy: z.string() })
  .transform(({ CallSid, AnsweredBy }) => ({
    kind: 'answered-by' as const,
    callSid: CallSid,
    answeredBy: AnsweredBy,
  }));

export type StatusCallback =
  | z.infer<typeof progressSchema>
  | z.infer<typeof streamSchema>
  | z.infer<typeof recordingSchema>
  | z.infer<typeof machineSchema>;

/** One address takes them all: what a callback is about shows in the parameters it has. */
export function parseStatusCallback(params: WebhookParameters): Parsed<StatusCallback> {
  if ('StreamEvent' in params) return parseWith(streamSchema, params);
  if ('RecordingSid' in params && 'RecordingStatus' in params) return parseWith(recordingSchema, params);
  if ('AnsweredBy' in params && !('CallStatus' in params && 'SequenceNumber' in params))
    return parseWith(machineSchema, params);
  return parseWith(progressSchema, params);
}
