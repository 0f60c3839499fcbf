/** What refusals of Twilio's REST API mean (Twilio documentation, "Error and Warning Dictionary"). */
import * as z from 'zod';
import { CancelledError, ProviderError, type ProviderFailure } from '#core/errors.ts';

/** Codes of Twilio's that say more than the HTTP status they come with. */
const failureOfCode: Readonly<Record<string, ProviderFailure>> = {
  /** Authentication or permission failed. */
  '20003': 'refused',
  /** Too many requests at once; this one was not processed. */
  '20429': 'overloaded',
  /** The account has as many calls as it may have. */
  '10004': 'overloaded',
};

function failureOfStatus(status: number): ProviderFailure {
  if (status === 401 || status === 403) return 'refused';
  if (status === 408) return 'timeout';
  if (status === 429) return 'overloaded';
  if (status >= 500) return 'unavailable';
  return status >= 400 ? 'invalid-request' : 'protocol';
}

const errorBodySchema = z.object({ code: z.number().int() });
/** A wait longer than this is not one a request can sit out. */
const retryAfterSecsMax = 3_600;

function retryAfterMs(header: string | null): { retryAfterMs?: number } {
  const seconds = header === null ? Number.NaN : Number(header);
  return seconds >= 0 && seconds <= retryAfterSecsMax ? { retryAfterMs: seconds * 1_000 } : {};
}

/**
 * An answer other than 2xx. `code` is Twilio's own code, or `http-` and the status when there is none.
 * The text of the answer may repeat numbers that we sent: it stays in `cause`, which is not logged.
 */
export function refusal(status: number, headers: Headers, body: unknown): ProviderError {
  const { data } = errorBodySchema.safeParse(body);
  const code = data ? String(data.code) : `http-${status}`;
  return new ProviderError('Twilio refused a request', {
    provider: 'twilio',
    failure: failureOfCode[code] ?? failureOfStatus(status),
    code,
    ...retryAfterMs(headers.get('retry-after')),
    cause: body,
  });
}

export const unreadableAnswer = (code: string, cause?: unknown): ProviderError =>
  new ProviderError('Twilio answered something unreadable', {
    provider: 'twilio',
    failure: 'protocol',
    code,
    cause,
  });

/** Failures before a connection exists: the request cannot have been received. */
const neverSentCodes: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];
export const wasNeverSent = (error: ProviderError): boolean => neverSentCodes.includes(error.code ?? '');

const causeSchema = z.object({ cause: z.object({ code: z.string().regex(/^[A-Z_]{1,40}$/) }) });

/** Turns whatever `fetch` threw into our errors; an abort of `signal` is a cancellation, not a failure. */
export function networkFailure(cause: unknown, signal: AbortSignal): Error {
  if (signal.aborted) return new CancelledError();
  if (cause instanceof ProviderError) return cause;
  const timedOut = cause instanceof Error && cause.name === 'TimeoutError';
  const { data } = causeSchema.safeParse(cause);
  return new ProviderError(timedOut ? 'Twilio did not answer in time' : 'Twilio could not be reached', {
    provider: 'twilio',
    failure: timedOut ? 'timeout' : 'unavailable',
    ...(data ? { code: data.cause.code } : {}),
    cause,
  });
}
