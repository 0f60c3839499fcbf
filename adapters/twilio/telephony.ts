/** The carrier's REST side: three endpoints over plain HTTP, a twentieth of the vendor's client in size. */
import * as z from 'zod';
import { CancelledError, ProviderError, type ProviderFailure } from '#core/errors.ts';
import type { CallSid } from '#core/ids.ts';
import type { Telephony } from '#core/ports/telephony.ts';

export interface TwilioRestOptions {
  readonly accountSid: string;
  readonly authToken: string;
  /** Such as `https://api.twilio.com`. */
  readonly baseUrl: string;
  readonly timeoutMs?: number;
}

/** A call update is answered in well under a second; a caller waits behind it. */
const defaultTimeoutMs = 5_000;
/** Codes that say the call is over already: hanging up has nothing left to do. */
const callIsOver = new Set(['20404', '21220']);

const errorBodySchema = z.object({ code: z.number() });

export function createTwilioTelephony(options: TwilioRestOptions): Telephony {
  return {
    async hangUp(callSid, { signal }) {
      const form = new URLSearchParams({ Status: 'completed' });
      await updateCall(options, callSid, form, signal).catch((error: unknown) => {
        if (!(error instanceof ProviderError && callIsOver.has(error.code ?? ''))) throw error;
      });
    },
    redirect: (callSid, twiml, { signal }) =>
      updateCall(options, callSid, new URLSearchParams({ Twiml: twiml }), signal),
  };
}

async function updateCall(
  options: TwilioRestOptions,
  callSid: CallSid,
  form: URLSearchParams,
  signal: AbortSignal,
): Promise<void> {
  const { accountSid, authToken, baseUrl, timeoutMs = defaultTimeoutMs } = options;
  const url = new URL(`/2010-04-01/Accounts/${accountSid}/Calls/${callSid}.json`, baseUrl);
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    redirect: 'error',
  }).catch((cause: unknown) => {
    throw networkFailure(cause, signal);
  });
  if (!response.ok) throw await restFailure(response);
  await response.arrayBuffer();
}

function networkFailure(cause: unknown, signal: AbortSignal): Error {
  if (signal.aborted) return new CancelledError();
  const timedOut = cause instanceof DOMException && cause.name === 'TimeoutError';
  const failure = timedOut ? 'timeout' : 'unavailable';
  return new ProviderError('Twilio could not be reached', { provider: 'twilio', failure, cause });
}

async function restFailure(response: Response): Promise<ProviderError> {
  const body = errorBodySchema.safeParse(await response.json().catch(() => undefined));
  const code = body.success ? String(body.data.code) : String(response.status);
  return new ProviderError('Twilio refused a request', {
    provider: 'twilio',
    failure: failureOf(response.status),
    code,
  });
}

function failureOf(status: number): ProviderFailure {
  if (status === 429) return 'overloaded';
  if (status === 401 || status === 403) return 'refused';
  return status >= 500 ? 'unavailable' : 'invalid-request';
}
