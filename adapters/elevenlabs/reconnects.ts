import type { ProviderError } from '#core/errors.ts';
import type { CallSid } from '#core/ids.ts';
import { limits } from '#core/limits.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';

/** Waits before the first, second and third attempt in a row: a caller is listening, so they are short. */
const backoffMs = [0, 100, 500] as const;
/** A vendor that asks us to wait longer than a caller would is asked again all the same. */
const waitMsMax = 1_500;
/** A connection that lived this long without being of use was still a good one: the next loss counts anew. */
export const provenAfterMs = 10_000;

/** Counts connection attempts in a row, so that a session that cannot live is given up. */
export interface Reconnects {
  /** An attempt begins. */
  attempted(): void;
  /** The connection did its work; the count starts anew. */
  proven(): void;
  /** @returns how long to wait before trying again, or undefined when this failure is final. */
  waitMs(error: ProviderError): number | undefined;
}

export function createReconnects(): Reconnects {
  let attempts = 0;
  return {
    attempted() {
      attempts += 1;
    },
    proven() {
      attempts = 0;
    },
    waitMs(error) {
      if (!error.retryable || attempts >= limits.providerReconnectsMax) return undefined;
      const backoff = backoffMs[Math.min(attempts, backoffMs.length - 1)] ?? 0;
      return Math.min(Math.max(backoff, error.retryAfterMs ?? 0), waitMsMax);
    },
  };
}

/** Tells operators of a failure that the adapter repairs itself; one that reaches the caller of a port is theirs to tell. */
export function reportRepair(telemetry: Telemetry | undefined, callSid: CallSid, error: ProviderError): void {
  telemetry?.emit('warn', {
    msg: 'provider.failed',
    callSid,
    provider: error.provider,
    failure: error.failure,
    ...(error.code === undefined ? {} : { code: error.code }),
    retryable: error.retryable,
  });
  telemetry?.metric(error.provider === 'elevenlabs-stt' ? 'SttErrors' : 'TtsErrors', 1);
}
