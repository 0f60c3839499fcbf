/** Why a call is not placed, and how to mend it. */
import type { ProviderError } from '#core/errors.ts';
import { HttpProblem, type ProblemCode } from '#core/http/problem.ts';
import type { DestinationVerdict } from '#core/outbound/destination.ts';
import type { DestinationRefusal } from '#core/ports/outbound-calls.ts';
import { awayProblem } from '../stacks/http-stack.ts';

type Why = Exclude<DestinationVerdict, { allowed: true }>['why'];

const byPolicy: Record<Why, readonly [ProblemCode, string]> = {
  'not-valid': ['number_not_valid', 'This number does not exist in its numbering plan. Check its digits.'],
  'own-number': [
    'destination_not_allowed',
    'This is a number of ours: two assistants would talk to each other.',
  ],
  premium: ['destination_not_allowed', 'Numbers that charge for the call are not called.'],
  country: [
    'destination_not_allowed',
    'Calls to this country are not allowed. The setting OUTBOUND_COUNTRIES names those that are.',
  ],
  // The person asked not to be called, or abused the line: the client learns only that we will not.
  blocked: ['destination_not_allowed', 'This number is not called.'],
};

export function policyProblem(why: Why): HttpProblem {
  const [code, message] = byPolicy[why];
  return new HttpProblem(code, message, { fields: ['to'], reason: why });
}

const byCarrier: Record<DestinationRefusal, readonly [ProblemCode, string]> = {
  'not-valid': ['number_not_valid', 'The carrier does not know this number. Check its digits.'],
  unreachable: ['number_unreachable', 'The carrier cannot reach this number. Try another one.'],
  'country-not-permitted': [
    'destination_not_allowed',
    "The carrier account may not call this country: switch it on in the account's voice geographic permissions.",
  ],
  'blocked-by-carrier': ['destination_not_allowed', 'The carrier does not connect calls to this number.'],
  'not-verified': [
    'destination_not_allowed',
    'A trial account calls verified numbers only: verify this one, or upgrade the account.',
  ],
};

export function carrierProblem(why: DestinationRefusal, carrierCode: string): HttpProblem {
  const [code, message] = byCarrier[why];
  return new HttpProblem(code, message, { fields: ['to'], reason: why, carrierCode });
}

/** The carrier asks for patience without saying how much. */
const usualRetryAfterSecs = 2;

/** No call exists. @returns what to tell the client of the carrier's failure. */
export function failureProblem(error: ProviderError): HttpProblem {
  const carrierCode = error.code ?? error.failure;
  if (error.failure === 'overloaded') {
    const retryAfterSeconds = Math.max(
      1,
      Math.ceil((error.retryAfterMs ?? usualRetryAfterSecs * 1000) / 1000),
    );
    return new HttpProblem(
      'carrier_busy',
      `The carrier has too many calls or requests of ours at once. No call was placed: try again in ${retryAfterSeconds} seconds.`,
      { retryAfterSeconds, carrierCode },
      { 'retry-after': String(retryAfterSeconds) },
    );
  }
  if (error.failure === 'refused' || error.failure === 'invalid-request')
    return new HttpProblem(
      'carrier_refused',
      'The carrier does not accept our account or our request. No call was placed; an operator has to look at the Twilio settings.',
      { carrierCode },
    );
  return awayProblem('The carrier cannot be reached. No call was placed: try again in a few seconds.', {
    carrierCode,
  });
}

export const unclearProblem = (): HttpProblem =>
  new HttpProblem(
    'call_state_unknown',
    'The carrier did not answer, and no call of this request was found there. Repeat the request with the same Idempotency-Key: it is looked up again before anything is dialled.',
    { retryAfterSeconds: 5 },
    { 'retry-after': '5' },
  );
