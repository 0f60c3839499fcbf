/** An answer that is an error: made where it happens, written as JSON in one place. */
import * as z from 'zod';

export const problemCodes = [
  'bad_request',
  'number_not_valid',
  'destination_not_allowed',
  'number_unreachable',
  'unauthorized',
  'budget_exceeded',
  'forbidden',
  'not_found',
  'request_in_progress',
  'payload_too_large',
  'unsupported_media_type',
  'idempotency_key_reused',
  'too_many_requests',
  'internal_error',
  'carrier_refused',
  'service_unavailable',
  'carrier_busy',
  'call_state_unknown',
] as const;
export type ProblemCode = (typeof problemCodes)[number];

const statuses: Record<ProblemCode, number> = {
  bad_request: 400,
  number_not_valid: 400,
  destination_not_allowed: 400,
  number_unreachable: 400,
  unauthorized: 401,
  budget_exceeded: 402,
  forbidden: 403,
  not_found: 404,
  request_in_progress: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  idempotency_key_reused: 422,
  too_many_requests: 429,
  internal_error: 500,
  carrier_refused: 502,
  service_unavailable: 503,
  carrier_busy: 503,
  call_state_unknown: 503,
};

export const problemStatus = (code: ProblemCode): number => statuses[code];

export type ProblemDetails = Readonly<Record<string, string | number | readonly string[]>>;

/** `message` is for the client: it says what is wrong and how to mend it. */
export class HttpProblem extends Error {
  readonly code: ProblemCode;
  readonly details: ProblemDetails;
  /** Beside the usual ones, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    message: string,
    details: ProblemDetails = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'HttpProblem';
    this.code = code;
    this.details = details;
    this.headers = headers;
  }

  get status(): number {
    return statuses[this.code];
  }

  /** The same, with more headers; its own stay. */
  withHeaders(headers: Readonly<Record<string, string>>): HttpProblem {
    return new HttpProblem(this.code, this.message, this.details, { ...headers, ...this.headers });
  }
}

const problemDetailSchema = z.union([z.string(), z.number(), z.array(z.string())]);

/** The body every error has; details stand beside code and message. */
export const problemBodySchema = z.object({
  error: z.object({ code: z.enum(problemCodes), message: z.string() }).catchall(problemDetailSchema),
  requestId: z.string(),
});
export interface ProblemBody {
  readonly error: { readonly code: ProblemCode; readonly message: string } & ProblemDetails;
  readonly requestId: string;
}

export function problemBody({ code, message, details }: HttpProblem, requestId: string): ProblemBody {
  return { error: { code, message, ...details }, requestId };
}
