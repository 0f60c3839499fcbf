/** Outbound calls. Source: Twilio, "Call resource: create a call" and "Answering machine detection". */
import * as z from 'zod';
import { isProviderError, ProviderError } from '#core/errors.ts';
import { type CallSid, callSidSchema } from '#core/ids.ts';
import { type CallStatus, callStatusSchema } from '#core/records/call-record.ts';
import { createRestClient, type TwilioRestOptions } from './rest-client.ts';
import { unreadableAnswer, wasNeverSent } from './rest-failures.ts';
import { checkTwimlLength } from './telephony.ts';

/** Steps of a call that Twilio tells of on request; by itself only the last. */
export const statusEvents = ['initiated', 'ringing', 'answered', 'completed'] as const;

export interface PlaceCallRequest {
  /** E.164. */
  readonly to: string;
  /** A number of the account, or a verified one. */
  readonly from: string;
  /** What happens when it is answered: a webhook asked for TwiML, or TwiML of at most 4000 characters. */
  readonly answer: { readonly url: string } | { readonly twiml: string };
  /** Asked when the answer's webhook fails. */
  readonly fallbackUrl?: string;
  readonly statusCallbackUrl?: string;
  /** Default: all. */
  readonly statusEvents?: readonly (typeof statusEvents)[number][];
  /** How long it rings, 1 to 600 s; Twilio adds about 5 s. */
  readonly ringSecs?: number;
  /** Longest duration of the call. */
  readonly timeLimitSecs?: number;
  /**
   * Is it a machine? Always decided while the call goes on: the synchronous way keeps the line silent for seconds.
   * The answer comes to `callbackUrl`.
   */
  readonly machineDetection?: {
    readonly mode: 'Enable' | 'DetectMessageEnd';
    readonly callbackUrl: string;
    /** 3 to 59 s. */
    readonly timeoutSecs?: number;
  };
}

/** Accepted and queued; it does not ring yet. */
export interface PlacedCall {
  readonly callSid: CallSid;
  readonly status: CallStatus;
}

export interface CallPlacer {
  /**
   * Places one call. Twilio has no idempotency key: after a failure that leaves open whether the call exists
   * (a timeout, a cut connection, 5xx), the `ProviderError` is not `retryable`, for a repetition could ring twice.
   * After a cancellation it is open as well.
   */
  placeCall(request: PlaceCallRequest, options: { readonly signal: AbortSignal }): Promise<PlacedCall>;
}

const answerSchema = z.object({ sid: callSidSchema, status: callStatusSchema.catch('queued') });

function machineDetectionParams(detection: PlaceCallRequest['machineDetection']): [string, string][] {
  if (!detection) return [];
  const { mode, callbackUrl, timeoutSecs } = detection;
  return [
    ['MachineDetection', mode],
    ['AsyncAmd', 'true'],
    ['AsyncAmdStatusCallback', callbackUrl],
    ['AsyncAmdStatusCallbackMethod', 'POST'],
    ...optional('MachineDetectionTimeout', timeoutSecs),
  ];
}

function statusCallbackParams(request: PlaceCallRequest): [string, string][] {
  const { statusCallbackUrl, statusEvents: events = statusEvents } = request;
  if (statusCallbackUrl === undefined) return [];
  return [
    ['StatusCallback', statusCallbackUrl],
    ['StatusCallbackMethod', 'POST'],
    // Repeated here, where TwiML has them in one value with spaces.
    ...events.map((event): [string, string] => ['StatusCallbackEvent', event]),
  ];
}

const optional = (name: string, value: string | number | undefined): [string, string][] =>
  value === undefined ? [] : [[name, String(value)]];

const answerParams = (answer: PlaceCallRequest['answer']): [string, string][] =>
  'url' in answer
    ? [
        ['Url', answer.url],
        ['Method', 'POST'],
      ]
    : [['Twiml', answer.twiml]];

function formOf(request: PlaceCallRequest): URLSearchParams {
  const { to, from, answer } = request;
  return new URLSearchParams([
    ['To', to],
    ['From', from],
    ...answerParams(answer),
    ...optional('FallbackUrl', request.fallbackUrl),
    ...optional('Timeout', request.ringSecs),
    ...optional('TimeLimit', request.timeLimitSecs),
    ...statusCallbackParams(request),
    ...machineDetectionParams(request.machineDetection),
  ]);
}

/** Whether a repetition could make a second call is known here only. */
function withSafeRetry(error: unknown): unknown {
  if (!isProviderError(error) || !error.retryable) return error;
  if (error.failure === 'overloaded' || wasNeverSent(error)) return error;
  const { message, provider, failure, code } = error;
  return new ProviderError(message, {
    provider,
    failure,
    ...(code === undefined ? {} : { code }),
    retryable: false,
    cause: error,
  });
}

export function createTwilioCallPlacer(options: TwilioRestOptions): CallPlacer {
  const client = createRestClient(options);
  return {
    async placeCall(request, { signal }) {
      if ('twiml' in request.answer) checkTwimlLength(request.answer.twiml);
      const body = await client.post('/Calls.json', formOf(request), signal).catch((error: unknown) => {
        throw withSafeRetry(error);
      });
      const { data } = answerSchema.safeParse(body);
      if (!data) throw unreadableAnswer('call-without-sid', body);
      return { callSid: data.sid, status: data.status };
    },
  };
}
