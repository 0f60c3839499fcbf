/** What ElevenLabs' refusals mean. The kind is decided here, by status and code, never by a message. */
import {
  CancelledError,
  ProviderError,
  type ProviderErrorOptions,
  type ProviderFailure,
  type ProviderName,
} from '#core/errors.ts';

export type ElevenLabsProvider = Extract<ProviderName, 'elevenlabs-stt' | 'elevenlabs-tts'>;

/** An HTTP status, on a request or on a refused WebSocket upgrade. */
export function failureOfStatus(status: number): ProviderFailure {
  if (status === 401 || status === 402 || status === 403) return 'refused';
  if (status === 429) return 'overloaded';
  if (status === 408) return 'timeout';
  if (status >= 500) return 'unavailable';
  if (status >= 400) return 'invalid-request';
  return 'protocol';
}

export function statusError(
  provider: ElevenLabsProvider,
  status: number,
  options: Pick<ProviderErrorOptions, 'cause' | 'retryAfterMs'> = {},
): ProviderError {
  return new ProviderError('ElevenLabs refused the request', {
    provider,
    failure: failureOfStatus(status),
    code: `http-${status}`,
    ...options,
  });
}

const secondsMax = 3_600;

/** @param header `Retry-After` in whole seconds; the date form and nonsense are ignored. */
export function retryAfterMs(header: string | null | undefined): { retryAfterMs?: number } {
  const seconds = Number(header ?? Number.NaN);
  return seconds >= 0 && seconds <= secondsMax ? { retryAfterMs: seconds * 1_000 } : {};
}

/** A vendor's code is logged only when it looks like a code: a sentence could repeat what was said. */
export function safeCode(code: string): string {
  return /^[A-Za-z0-9_.-]{1,64}$/.test(code) ? code : 'unrecognised';
}

/** Turns whatever a `fetch` threw into our errors; an abort of `signal` is a cancellation, not a failure. */
export function requestError(provider: ElevenLabsProvider, cause: unknown, signal: AbortSignal): Error {
  if (signal.aborted) return new CancelledError();
  if (cause instanceof ProviderError) return cause;
  const timedOut = cause instanceof Error && cause.name === 'TimeoutError';
  return new ProviderError(timedOut ? 'ElevenLabs did not answer in time' : 'ElevenLabs is not reachable', {
    provider,
    failure: timedOut ? 'timeout' : 'unavailable',
    cause,
  });
}
