/** JSON-RPC messages as MCP uses them. */
import * as z from 'zod';

export type RequestId = string | number;

const idSchema = z.union([z.string(), z.int()]);
const paramsSchema = z.record(z.string(), z.unknown()).optional();

const requestSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: idSchema,
  method: z.string(),
  params: paramsSchema,
});
const notificationSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.undefined().optional(),
  method: z.string(),
  params: paramsSchema,
});
const responseSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: idSchema,
  method: z.undefined().optional(),
});

export type RpcRequest = z.output<typeof requestSchema>;

export type RpcMessage =
  | ({ readonly kind: 'request' } & RpcRequest)
  | ({ readonly kind: 'notification' } & z.output<typeof notificationSchema>)
  | { readonly kind: 'response' };

/** @returns undefined for what is none of them; a batch is none, since protocol version 2025-06-18. */
export function readMessage(json: unknown): RpcMessage | undefined {
  const request = requestSchema.safeParse(json);
  if (request.success) return { kind: 'request', ...request.data };
  const notification = notificationSchema.safeParse(json);
  if (notification.success) return { kind: 'notification', ...notification.data };
  return responseSchema.safeParse(json).success ? { kind: 'response' } : undefined;
}

export const rpcCodes = {
  parse: -32_700,
  invalidRequest: -32_600,
  noMethod: -32_601,
  invalidParams: -32_602,
  server: -32_000,
} as const;

export const rpcError = (id: RequestId | null, code: number, message: string): object => ({
  jsonrpc: '2.0',
  id,
  error: { code, message },
});

export const rpcResult = (id: RequestId, result: object): object => ({ jsonrpc: '2.0', id, result });
