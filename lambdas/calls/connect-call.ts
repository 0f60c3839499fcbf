/** What the webhooks that connect a call share: its record, and the TwiML with its token. */
import { connectStreamTwiml } from '#adapters/twilio/twiml.ts';
import type { StreamClaims } from '#core/calls/stream-claims.ts';
import type { CallRecord, CallStatus } from '#core/records/call-record.ts';
import { reportProviderOrThrow } from '../failures.ts';
import type { Services } from '../services.ts';

export const secsFromNow = (now: Date, secs: number): number => Math.ceil(now.getTime() / 1000 + secs);

export type NewRecord = Pick<
  CallRecord,
  'callSid' | 'role' | 'direction' | 'numberMasked' | 'callerHash' | 'keyId' | 'tollFree' | 'allowanceUsd'
> & { readonly status: CallStatus; readonly startedAt?: string };

/** A retried webhook finds the record there; a store that is away does not cost the caller the call. */
export type Opening = 'new' | 'there' | 'unknown';

export async function openRecord(record: NewRecord, services: Services): Promise<Opening> {
  const { clock, config, store, telemetry } = services;
  const now = clock.now();
  try {
    const isNew = await store.create({
      ...record,
      startedAt: record.startedAt ?? now.toISOString(),
      aliveAt: now.toISOString(),
      turnCount: 0,
      expiresAt: secsFromNow(now, config.RECORDS_TTL_DAYS * 86_400),
    });
    return isNew ? 'new' : 'there';
  } catch (error) {
    reportProviderOrThrow(telemetry, error, record.callSid);
    return 'unknown';
  }
}

/** The record of a call that somebody places to us. */
export function openRinging(claims: StreamClaims, services: Services): Promise<Opening> {
  const { callSid, role, direction, callerMasked: numberMasked, callerHash, tollFree, allowanceUsd } = claims;
  const record: NewRecord = {
    callSid,
    role,
    direction,
    numberMasked,
    callerHash,
    status: 'ringing',
    ...(tollFree === undefined ? {} : { tollFree }),
    ...(allowanceUsd === undefined ? {} : { allowanceUsd }),
  };
  return openRecord(record, services);
}

export function streamTwiml(claims: StreamClaims, { config, streamTokens }: Services): string {
  return connectStreamTwiml({
    streamUrl: `${config.MEDIA_BASE_URL}/call/stream`,
    actionUrl: `${config.PUBLIC_BASE_URL}/call/stream-ended`,
    statusCallbackUrl: `${config.PUBLIC_BASE_URL}/call/status`,
    parameters: { token: streamTokens.issue(claims), role: claims.role },
  });
}
