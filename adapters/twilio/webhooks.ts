/** Twilio's webhooks, parsed. New parameters come without notice: what we do not know is kept and ignored. */
import * as z from 'zod';
import { accountSidSchema, callSidSchema, streamSidSchema } from '#core/ids.ts';
import { callStatusSchema } from '#core/records/call-record.ts';
import type { WebhookParameters } from './request-signature.ts';

/** Parameters of one request beyond which it is not Twilio's, and its signature will not match. Real ones have forty. */
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

/** `problem` names fields, never their values. */
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
const party = z.string().default('');
/** What is nice to know must not cost a call: a value we cannot read counts as absent. */
const hint = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

const incomingCallSchema = z.object({
  CallSid: callSidSchema,
  From: party,
  To: party,
  AccountSid: hint(accountSidSchema),
  CallStatus: hint(callStatusSchema),
  Direction: hint(z.string()),
  /** Only when the carrier supplied it. */
  ForwardedFrom: hint(z.string()),
  /** How far the carrier vouches for `From`, such as `TN-Validation-Passed-A`. */
  StirVerstat: hint(z.string()),
});
export type IncomingCall = z.infer<typeof incomingCallSchema>;

export const parseIncomingCall = (params: WebhookParameters): Parsed<IncomingCall> =>
  parseWith(incomingCallSchema, params);

const numeric = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);

/** Key off `CallSid` only: what else a stream's action carries is not documented. */
const streamEndedSchema = z.object({
  CallSid: callSidSchema,
  /** Set when the action belongs to a `<Dial>`. */
  DialCallStatus: hint(z.enum(['completed', 'answered', 'busy', 'no-answer', 'failed', 'canceled'])),
  /** The leg that was dialled, and how long it was connected; with a `<Dial>` that was answered. */
  DialCallSid: hint(callSidSchema),
  DialCallDuration: hint(numeric),
});
export type StreamEnded = z.infer<typeof streamEndedSchema>;

export const parseStreamEnded = (params: WebhookParameters): Parsed<StreamEnded> =>
  parseWith(streamEndedSchema, params);

const progressSchema = z
  .object({
    CallSid: callSidSchema,
    CallStatus: callStatusSchema,
    SequenceNumber: hint(numeric),
    CallDuration: hint(numeric),
    AnsweredBy: hint(z.string()),
    SipResponseCode: hint(numeric),
    ErrorCode: hint(numeric),
  })
  .transform((params) => ({
    kind: 'progress' as const,
    callSid: params.CallSid,
    status: params.CallStatus,
    /** From 0; callbacks arrive in any order. */
    sequence: params.SequenceNumber,
    /** Of the whole call; with a final status only. */
    durationSecs: params.CallDuration,
    /** With synchronous answering machine detection only. */
    answeredBy: params.AnsweredBy,
    sipResponseCode: params.SipResponseCode,
    errorCode: params.ErrorCode,
  }));

const streamSchema = z
  .object({
    CallSid: callSidSchema,
    StreamEvent: z.enum(['stream-started', 'stream-stopped', 'stream-error']),
    StreamSid: hint(streamSidSchema),
    StreamError: hint(z.string()),
  })
  .transform((params) => ({
    kind: 'stream' as const,
    callSid: params.CallSid,
    event: params.StreamEvent,
    streamSid: params.StreamSid,
    /** Twilio's own text, with `stream-error`; for people to read. */
    error: params.StreamError,
  }));

const recordingSchema = z
  .object({
    CallSid: callSidSchema,
    RecordingSid: z.string(),
    RecordingStatus: z.string(),
    RecordingDuration: hint(numeric),
    RecordingUrl: hint(z.string()),
  })
  .transform((params) => ({
    kind: 'recording' as const,
    callSid: params.CallSid,
    recordingSid: params.RecordingSid,
    status: params.RecordingStatus,
    durationSecs: params.RecordingDuration,
    /** Without an extension; `.wav` or `.mp3` may be appended. */
    url: params.RecordingUrl,
  }));

const machineSchema = z
  .object({
    CallSid: callSidSchema,
    AnsweredBy: z.string(),
    MachineDetectionDuration: hint(numeric),
  })
  .transform((params) => ({
    kind: 'answered-by' as const,
    callSid: params.CallSid,
    /** `human`, `machine_start`, `machine_end_beep`, `fax`, `unknown`, … */
    answeredBy: params.AnsweredBy,
    detectionMs: params.MachineDetectionDuration,
  }));

export type StatusCallback =
  | z.infer<typeof progressSchema>
  | z.infer<typeof streamSchema>
  | z.infer<typeof recordingSchema>
  | z.infer<typeof machineSchema>;

/**
 * One address takes them all: what a callback is about shows in the parameters it has. One with a `CallStatus` tells
 * the progress of the call, also when it carries what was recorded or who answered.
 */
export function parseStatusCallback(params: WebhookParameters): Parsed<StatusCallback> {
  if ('StreamEvent' in params) return parseWith(streamSchema, params);
  if ('RecordingStatus' in params) return parseWith(recordingSchema, params);
  if ('AnsweredBy' in params && !('CallStatus' in params)) return parseWith(machineSchema, params);
  return parseWith(progressSchema, params);
}
