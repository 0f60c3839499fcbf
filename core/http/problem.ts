/** An answer that is an error: made where it happens, written as JSON in one place. */
import * as z from 'zod';

export const problemCodes = [
  'bad_request',
  'unauthorized',
  'forbidden',
  'not_found',
  'payload_too_large',
  'unsupported_media_type',
  'service_unavailable',
  'internal_error',
] as const;
export type ProblemCode = (typeof problemCodes)[number];

const statuses: Record<ProblemCode, number> = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  payload_too_large: 413,
  unsupported_media_type: 415,
  service_unavailable: 503,
  internal_error: 500,
};

export type ProblemDetails = Readonly<Record<string, string | number | readonly string[]>>;

/** `message` is for the client: it says what is wrong and how to mend it. */
export class HttpProblem extends Error {
  readonly code: ProblemCode;
  readonly details: ProblemDetails;

  constructor(code: ProblemCode, message: string, details: ProblemDetails = {}) {
    super(message);
    this.name = 'HttpProblem';
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return statuses[this.code];
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
