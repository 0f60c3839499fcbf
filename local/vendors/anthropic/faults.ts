import * as z from 'zod';

/** Whom it befalls: any request, or the next one for this model. */
const on = z.string().default('messages');
/** Pieces of text or tool input that still arrive before it happens. */
const afterDeltas = z.int().min(0).default(2);

/** Failures that can be asked for. Each happens once. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** The answer is this HTTP status. */
  z.object({
    on,
    kind: z.literal('status'),
    status: z.int().min(400).max(599),
    /** Default: the one that goes with the status. */
    type: z.string().optional(),
    retryAfterSecs: z.number().optional(),
  }),
  /** The request is taken and never answered. */
  z.object({ on, kind: z.literal('hang') }),
  /** An `error` event in a stream that began well. */
  z.object({
    on,
    kind: z.literal('mid-stream-error'),
    type: z.string().default('overloaded_error'),
    afterDeltas,
  }),
  /** The stream stays open and says nothing more. */
  z.object({ on, kind: z.literal('stall'), afterDeltas }),
  /** The connection is cut. */
  z.object({ on, kind: z.literal('cut'), afterDeltas }),
  /** The body ends as if all were well, without `message_stop`. */
  z.object({ on, kind: z.literal('no-message-stop'), afterDeltas }),
  /** One answer comes later, or slower. */
  z.object({
    on,
    kind: z.literal('slow'),
    firstTokenMs: z.number().min(0).optional(),
    tokensPerSec: z.number().positive().optional(),
  }),
]);

export type AnthropicFault = z.input<typeof faultSchema>;
export type Fault = z.output<typeof faultSchema>;
/** Those that break a stream after it began. */
export type StreamFault = Extract<Fault, { afterDeltas: number }>;

/** Error types by HTTP status (Anthropic API reference, "Errors"). */
const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

export const errorTypeOf = (status: number): string => errorTypes[status] ?? 'api_error';
