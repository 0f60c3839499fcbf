/** One example of every problem, for the document of the API. */
import type { ProblemCode, ProblemDetails } from './problem.ts';

export const problemExamples: Readonly<
  Record<ProblemCode, { readonly message: string; readonly details?: ProblemDetails }>
> = {
  bad_request: {
    message: 'The request is not right: limit: must be a whole number from 1 to 100.',
    details: { fields: ['limit: must be a whole number from 1 to 100'] },
  },
  number_not_valid: {
    message: 'This number does not exist in its numbering plan. Check its digits.',
    details: { fields: ['to'], reason: 'not-valid' },
  },
  destination_not_allowed: {
    message: 'Calls to this country are not allowed. The setting OUTBOUND_COUNTRIES names those that are.',
    details: { fields: ['to'], reason: 'country' },
  },
  number_unreachable: {
    message: 'The carrier cannot reach this number. Try another one.',
    details: { fields: ['to'], reason: 'unreachable', carrierCode: '21214' },
  },
  unauthorized: { message: 'Send a valid key as "Authorization: Bearer <key>".' },
  budget_exceeded: { message: 'The budget is used up.' },
  forbidden: { message: 'This key may not do that.' },
  not_found: { message: 'There is no record of this call.' },
  request_in_progress: {
    message: 'A request with this Idempotency-Key is being worked on. Ask again in a few seconds.',
    details: { retryAfterSeconds: 2 },
  },
  payload_too_large: { message: 'The body may have 16384 bytes.', details: { maxBytes: 16_384 } },
  unsupported_media_type: { message: 'Send the body as application/json in UTF-8.' },
  idempotency_key_reused: {
    message: 'This Idempotency-Key came with another body before. Use a new key for a new request.',
  },
  too_many_requests: {
    message: 'That was more than 30 in 60 seconds. Try again in 12 seconds.',
    details: { retryAfterSeconds: 12 },
  },
  internal_error: { message: 'Something went wrong on our side. The request id helps us to find it.' },
  carrier_refused: {
    message:
      'The carrier does not accept our account or our request. No call was placed; an operator has to look at the Twilio settings.',
    details: { carrierCode: '20003' },
  },
  service_unavailable: {
    message: 'A part of the service is away. Try again in a few seconds.',
    details: { retryAfterSeconds: 5 },
  },
  carrier_busy: {
    message:
      'The carrier has too many calls or requests of ours at once. No call was placed: try again in 2 seconds.',
    details: { retryAfterSeconds: 2, carrierCode: '20429' },
  },
  call_state_unknown: {
    message:
      'The carrier did not answer, and no call of this request was found there. Repeat the request with the same Idempotency-Key: it is looked up again before anything is dialled.',
    details: { retryAfterSeconds: 5 },
  },
};
