/** Failures as operators see them: what, where and for which call, never with a text that may hold a caller's words. */
import { isProviderError, type ProviderError } from '#core/errors.ts';
import type { CallSid } from '#core/ids.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';

export function reportProvider(telemetry: Telemetry, error: ProviderError, callSid?: CallSid): void {
  const { provider, failure, retryable, code } = error;
  telemetry.emit('error', {
    msg: 'provider.failed',
    ...(callSid === undefined ? {} : { callSid }),
    provider,
    failure,
    ...(code === undefined ? {} : { code }),
    retryable,
  });
}

/** For work that goes on without its answer. Throws what is not a provider's failure. */
export function reportProviderOrThrow(telemetry: Telemetry, error: unknown, callSid?: CallSid): void {
  if (!isProviderError(error)) throw error;
  reportProvider(telemetry, error, callSid);
}

const framesShown = 2;

export function reportUnexpected(telemetry: Telemetry, error: unknown, requestId: string): void {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = stack.split('\n').filter((line) => line.trimStart().startsWith('at '));
  telemetry.log('error', {
    msg: 'function.unexpected-error',
    requestId,
    error: error instanceof Error ? error.name : typeof error,
    at: frames
      .slice(0, framesShown)
      .map((line) => line.trim())
      .join(' '),
  });
}
