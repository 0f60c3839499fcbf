/** The carrier's control side of a live call. Source: Twilio, "Call resource". */
import { isProviderError, ProviderError } from '#core/errors.ts';
import type { CallSid } from '#core/ids.ts';
import type { Telephony } from '#core/ports/telephony.ts';
import { createRestClient, type TwilioRestOptions } from './rest-client.ts';
import { twimlCharsMax } from './twiml-limits.ts';

export type { TwilioRestOptions } from './rest-client.ts';

/** Codes that say the call is over already: hanging up has nothing left to do. */
const callIsOver: readonly string[] = ['20404', '21220'];

export function checkTwimlLength(twiml: string): void {
  if (twiml.length <= twimlCharsMax) return;
  throw new ProviderError('The TwiML is longer than Twilio takes', {
    provider: 'twilio',
    failure: 'invalid-request',
    code: '32018',
  });
}

export function createTwilioTelephony(options: TwilioRestOptions): Telephony {
  const client = createRestClient(options);
  const update = (callSid: CallSid, change: Record<string, string>, signal: AbortSignal) =>
    client.post(`/Calls/${callSid}.json`, new URLSearchParams(change), signal);

  return {
    async hangUp(callSid, { signal }) {
      try {
        await update(callSid, { Status: 'completed' }, signal);
      } catch (error) {
        if (isProviderError(error) && callIsOver.includes(error.code ?? '')) return;
        throw error;
      }
    },
    async redirect(callSid, twiml, { signal }) {
      checkTwimlLength(twiml);
      await update(callSid, { Twiml: twiml }, signal);
    },
  };
}
