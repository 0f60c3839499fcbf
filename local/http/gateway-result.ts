/** What a function returned, read by the gateway's rules for payload format 2.0. Pure. */
import * as z from 'zod';

export interface GatewayResponse {
  readonly statusCode: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** One `set-cookie` header each. */
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

/** A synchronous invocation answers at most 6 MB (AWS Lambda quotas). */
const resultBytesMax = 6 * 1024 * 1024;

const resultSchema = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** The server frames the response itself; what a function says about that is dropped, as at the gateway. */
const connectionHeaders = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

/** Answers of the gateway itself. */
export const gatewayMessage = (statusCode: number, message: string): GatewayResponse => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  cookies: [],
  body: Buffer.from(JSON.stringify({ message })),
});

export const internalServerError = gatewayMessage(500, 'Internal Server Error');

/** @param result whatever the handler resolved to. */
export function toGatewayResponse(result: unknown): GatewayResponse {
  const response = isStructured(result) ? fromStructured(result) : fromValue(result);
  return response.body.length > resultBytesMax ? internalServerError : response;
}

const isStructured = (result: unknown): result is object =>
  typeof result === 'object' && result !== null && 'statusCode' in result;

/** Anything without a status code is taken for the body of a good answer. */
function fromValue(value: unknown): GatewayResponse {
  const body = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null');
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    cookies: [],
    body: Buffer.from(body),
  };
}

function fromStructured(result: object): GatewayResponse {
  const parsed = resultSchema.safeParse(result);
  if (!parsed.success) return internalServerError;
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (!connectionHeaders.has(name.toLowerCase())) kept[name.toLowerCase()] = String(value);
  }
  if (body && kept['content-type'] === undefined) kept['content-type'] = 'text/plain;charset=UTF-8';
  return {
    statusCode,
    headers: kept,
    cookies: cookies ?? [],
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  };
}
