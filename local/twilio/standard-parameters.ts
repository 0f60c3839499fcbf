/** The parameters every webhook of a call carries. Source: Twilio, "TwiML: Twilio's request to your application". */
import type { Parameters } from './signature.ts';

export interface DescribedCall {
  readonly accountSid: string;
  readonly callSid: string;
  readonly parentCallSid?: string;
  readonly direction: 'inbound' | 'outbound-api' | 'outbound-dial';
  readonly from: string;
  readonly to: string;
  readonly status: string;
}

/** Carriers know the place of some numbers, and often leave the fields empty. */
function placeOf(prefixes: readonly string[], number: string): Parameters {
  const american = /^\+1\d{10}$/.test(number);
  const fields = { City: '', State: '', Zip: '', Country: american ? 'US' : '' };
  return Object.fromEntries(
    prefixes.flatMap((prefix) =>
      Object.entries(fields).map(([field, value]) => [`${prefix}${field}`, value]),
    ),
  );
}

export function standardParameters(call: DescribedCall): Parameters {
  const { from, to } = call;
  return {
    AccountSid: call.accountSid,
    ApiVersion: '2010-04-01',
    CallSid: call.callSid,
    CallStatus: call.status,
    Direction: call.direction,
    From: from,
    To: to,
    Caller: from,
    Called: to,
    ...(call.parentCallSid === undefined ? {} : { ParentCallSid: call.parentCallSid }),
    ...placeOf(['From', 'Caller'], from),
    ...placeOf(['To', 'Called'], to),
    ...(call.direction === 'inbound' && from.startsWith('+')
      ? { StirVerstat: 'TN-Validation-Passed-A' }
      : {}),
  };
}
