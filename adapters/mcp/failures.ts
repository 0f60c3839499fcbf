/** What went wrong between us and a tool server, by status and code, never by a message. */
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { ProviderError, type ProviderFailure } from '#core/errors.ts';

function failureOfStatus(status: number): ProviderFailure {
  if (status === 401 || status === 402 || status === 403) return 'refused';
  if (status === 429) return 'overloaded';
  if (status === 408 || status === 504) return 'timeout';
  if (status >= 500) return 'unavailable';
  if (status >= 400) return 'invalid-request';
  return 'protocol';
}

/** JSON-RPC errors of a server, and -32000 and -32001, which the SDK makes. */
const failureByCode: Record<number, ProviderFailure> = {
  [ErrorCode.ConnectionClosed]: 'unavailable',
  [ErrorCode.RequestTimeout]: 'timeout',
  [ErrorCode.ParseError]: 'invalid-request',
  [ErrorCode.InvalidRequest]: 'invalid-request',
  [ErrorCode.MethodNotFound]: 'invalid-request',
  [ErrorCode.InvalidParams]: 'invalid-request',
  [ErrorCode.InternalError]: 'unavailable',
};

const failed = (message: string, failure: ProviderFailure, code: string, cause?: unknown) =>
  new ProviderError(message, { provider: 'mcp', failure, code, cause });

export function toolServerError(cause: unknown): ProviderError {
  if (cause instanceof ProviderError) return cause;
  if (cause instanceof StreamableHTTPError) {
    const { code: status = -1 } = cause;
    return failed('The tool server refused a request', failureOfStatus(status), `http-${status}`, cause);
  }
  if (cause instanceof McpError) {
    const failure = failureByCode[cause.code] ?? 'invalid-request';
    return failed('The tool server answered with an error', failure, `rpc${cause.code}`, cause);
  }
  // What `fetch` throws when nobody is there.
  if (cause instanceof TypeError) {
    return failed('The tool server is not reachable', 'unavailable', 'connection', cause);
  }
  return failed('The tool server sent something that cannot be read', 'protocol', 'unreadable', cause);
}

export function timeoutError(code: 'connect' | 'list' | 'call'): ProviderError {
  return failed('The tool server did not answer in time', 'timeout', code);
}

export function tooManyPagesError(): ProviderError {
  return failed('The tool server lists without end', 'protocol', 'list-pages');
}

/** 404 is what the protocol says for a session that is over; some servers say 400 to an id they do not know. */
export function saysSessionExpired(cause: unknown): boolean {
  return cause instanceof StreamableHTTPError && (cause.code === 404 || cause.code === 400);
}

/** What a gateway says for a server that it cannot reach; a 500 may be the trouble of one tool alone. */
const gatewayCodes = new Set<string | undefined>(['http-502', 'http-503', 'http-504']);

/** Nothing of this server can be used any more, as far as one failed request tells. */
export function saysServerAway({ failure, code }: ProviderError): boolean {
  return failure === 'refused' || code === 'connection' || gatewayCodes.has(code);
}
