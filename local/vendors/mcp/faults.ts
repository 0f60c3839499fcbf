import * as z from 'zod';

const on = z.enum(['initialize', 'list', 'call']);

/** Failures that can be asked for. Each happens once, to the next request of its kind. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** An HTTP status instead of an answer. */
  z.object({ on, kind: z.literal('status'), status: z.int().min(400).max(599) }),
  /** A JSON-RPC error. */
  z.object({ on, kind: z.literal('rpc-error'), code: z.int().default(-32_603) }),
  /** Never answered. */
  z.object({ on, kind: z.literal('hang') }),
  /** The event stream ends without the answer. */
  z.object({ on, kind: z.literal('no-answer') }),
  /** The connection is cut. */
  z.object({ on, kind: z.literal('cut') }),
  /** Takes this long. */
  z.object({ on, kind: z.literal('slow'), ms: z.number().min(0) }),
  /** The tool itself fails. */
  z.object({ on: z.literal('call'), kind: z.literal('tool-error') }),
]);

export type McpFault = z.input<typeof faultSchema>;
export type Fault = z.output<typeof faultSchema>;
