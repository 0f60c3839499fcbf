/** What Anthropic's refusals mean. The kind is decided here, by status, type and code, never by a message. */
import { APIConnectionError, APIError } from '@anthropic-ai/sdk';
import {
  CancelledError,
  ProviderError,
  type ProviderErrorOptions,
  type ProviderFailure,
} from '#core/errors.ts';

/** Error types of the API (errors page of the API reference); the same words come mid-stream, without a status. */
const failureByType: Record<string, ProviderFailure> = {
  overloaded_error: 'overloaded',
  rate_limit_error: 'overloaded',
  api_error: 'unavailable',
  conflict_error: 'unavailable',
  timeout_error: 'timeout',
  authentication_error: 'refused',
  billing_error: 'refused',
  permission_error: 'refused',
  invalid_request_error: 'invalid-request',
  not_found_error: 'invalid-request',
  request_too_large: 'invalid-request',
};

function failureOfStatus(status: number): ProviderFailure {
  if (status === 401 || status === 402 || status === 403) return 'refused';
  if (status === 429 || status === 529) return 'overloaded';
  if (status === 408 || status === 504) return 'timeout';
  if (status === 409 || status >= 500) return 'unavailable';
  return 'invalid-request';
}

/** These come with 429 and do not pass by waiting: somebody has to raise a limit or pay. */
const spendLimitCode = /spend_limit_reached$/;

/** A vendor's code is logged only when it looks like one: a sentence could repeat what was said. */
const safeCode = (code: string) => (/^[a-z0-9_.-]{1,64}$/i.test(code) ? code : 'unrecognised');

const retryAfterSecsMax = 3_600;

/** `retry-after-ms`, else `retry-after` in seconds; the date form and nonsense are ignored. */
function retryAfter(headers: Headers | undefined): { retryAfterMs?: number } {
  const number = (name: string) => Number.parseFloat(headers?.get(name) ?? '');
  const ms = Number.isFinite(number('retry-after-ms'))
    ? number('retry-after-ms')
    : number('retry-after') * 1_000;
  return ms >= 0 && ms <= retryAfterSecsMax * 1_000 ? { retryAfterMs: ms } : {};
}

function failed(
  message: string,
  failure: ProviderFailure,
  options: Omit<ProviderErrorOptions, 'provider' | 'failure'>,
) {
  return new ProviderError(message, { provider: 'anthropic', failure, ...options });
}

/** An error event inside a reply that had begun: an unknown type is the server's trouble, not ours. */
export function streamedError(errorType: string): ProviderError {
  const failure = Object.hasOwn(failureByType, errorType) ? failureByType[errorType] : undefined;
  return failed('Claude failed in the middle of a reply', failure ?? 'unavailable', {
    code: safeCode(errorType),
  });
}

/** The body ended, or its socket was lost, before the reply was complete: what came looks like a reply and is none. */
export function truncatedError(cause?: unknown): ProviderError {
  return failed('The connection to Claude was cut in the middle of a reply', 'unavailable', {
    code: 'truncated',
    taken: true,
    cause,
  });
}

export function unreadableError(code: string, cause?: unknown): ProviderError {
  return failed('Claude sent something that cannot be read', 'protocol', { code, taken: true, cause });
}

/** Another attempt may well be written correctly, so unlike other unreadable replies it is worth one. */
export function badToolInputError(cause?: unknown): ProviderError {
  return failed('Claude wrote a tool call that is not valid JSON', 'protocol', {
    code: 'tool-input',
    retryable: true,
    cause,
  });
}

export function stalledError(code: 'first-event' | 'event-gap'): ProviderError {
  return failed('Claude said nothing for too long', 'timeout', { code, taken: true });
}

function statusError(error: APIError, status: number): ProviderError {
  const spent = error.errorCode !== null && spendLimitCode.test(error.errorCode);
  return failed('Claude refused the request', spent ? 'refused' : failureOfStatus(status), {
    code: safeCode(error.errorCode ?? error.type ?? `http-${status}`),
    ...retryAfter(error.headers),
    cause: error,
  });
}

/** Turns whatever the request for a reply threw into one of our errors. */
export function requestError(cause: unknown): ProviderError | CancelledError {
  if (cause instanceof ProviderError || cause instanceof CancelledError) return cause;
  if (cause instanceof APIError && cause.status !== undefined) return statusError(cause, cause.status);
  const code = cause instanceof APIConnectionError ? 'connection' : 'unexpected';
  return failed('Claude is not reachable', 'unavailable', { code, cause });
}
