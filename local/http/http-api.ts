/** An API Gateway HTTP API with Lambda functions behind it, in one process on one port. */
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { decodePath, type GatewayRequest, toGatewayEvent } from './gateway-event.ts';
import {
  type GatewayResponse,
  gatewayMessage,
  internalServerError,
  toGatewayResponse,
} from './gateway-result.ts';
import { createLambdaContext } from './lambda-context.ts';
import { createRouteMatcher, type RouteKey, type RouteMatch } from './route-matcher.ts';

/** HTTP API quotas of API Gateway. */
const payloadBytesMax = 10 * 1024 * 1024;
const headerBytesMax = 10_240;
const integrationTimeoutMs = 30_000;

/** How long a client may take to send its request. */
export interface SendingTimeouts {
  /** From the connection, or the request before, to the last byte of the headers. */
  readonly headersMs: number;
  /** To the last byte of the body. */
  readonly requestMs: number;
  /** How often both are looked at: a client is cut that much late at most. */
  readonly checkEveryMs: number;
}

/** A request that takes longer to arrive than a function may run has no answer to hope for. */
export const sendingTimeouts: SendingTimeouts = {
  headersMs: 10_000,
  requestMs: integrationTimeoutMs,
  checkEveryMs: 1_000,
};
/** Longer than the keep-alive of the usual clients, so that they and not we close an idle connection. */
const keepAliveTimeoutMs = 65_000;
/** In-flight requests get this long when the server closes. */
const closeTimeoutMs = 5_000;

export interface FunctionRoute extends RouteKey {
  /** Name of the function, one file in `lambdas/http`. */
  readonly name: string;
}

/** Typed by what is called, not by what may come back: that is checked. */
export type Handler = (event: APIGatewayProxyEventV2, context: Context) => unknown;

export interface HttpApiServerOptions<Route extends FunctionRoute> {
  readonly routes: readonly Route[];
  readonly handlers: ReadonlyMap<string, Handler>;
  /** Tests wait less. Milliseconds. */
  readonly integrationTimeoutMs?: number;
  readonly sendingTimeouts?: Partial<SendingTimeouts>;
  /** A function threw, or answered what the gateway cannot read; never holds a request's content. */
  readonly onFunctionError: (functionName: string, error: unknown) => void;
}

export interface HttpApiOptions<Route extends FunctionRoute> extends HttpApiServerOptions<Route> {
  readonly host?: string;
  readonly port: number;
}

export interface HttpApi {
  readonly port: number;
  /** Stops accepting, lets requests in flight finish for a while. */
  close(): Promise<void>;
}

/** Not listening yet. */
export function createHttpApiServer<Route extends FunctionRoute>(
  options: HttpApiServerOptions<Route>,
): http.Server {
  const match = createRouteMatcher(options.routes);
  const { headersMs, requestMs, checkEveryMs } = { ...sendingTimeouts, ...options.sendingTimeouts };
  const bounds = {
    maxHeaderSize: headerBytesMax,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: checkEveryMs,
    keepAliveTimeout: keepAliveTimeoutMs,
  };
  const server = http.createServer(bounds, (request, response) => {
    void answer(request, options, match).then(
      (result) => {
        if (!server.listening) response.shouldKeepAlive = false;
        send(response, result, (error) => options.onFunctionError('gateway', error));
      },
      // The client went away while it was still sending.
      () => request.destroy(),
    );
  });
  return server;
}

/** Rejects with the system's error (`EADDRINUSE`) when it cannot listen. */
export async function startHttpApi<Route extends FunctionRoute>(
  options: HttpApiOptions<Route>,
): Promise<HttpApi> {
  const server = createHttpApiServer(options);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host ?? '127.0.0.1', resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server) };
}

async function answer<Route extends FunctionRoute>(
  incoming: http.IncomingMessage,
  options: HttpApiServerOptions<Route>,
  match: (method: string, path: string) => RouteMatch<Route> | undefined,
): Promise<GatewayResponse> {
  const target = originForm(incoming.url ?? '/');
  const body = await readBody(incoming);
  if (body === undefined) return gatewayMessage(413, 'Request Entity Too Large');
  const method = incoming.method ?? 'GET';
  const found = match(method, decodePath(target));
  if (found === undefined) return gatewayMessage(404, 'Not Found');
  const request = describeRequest(incoming, target, body);
  const event = toGatewayEvent(request, { ...found.route, pathParameters: found.pathParameters });
  const response = await invoke(found.route.name, event, options);
  return { ...response, headers: { ...response.headers, 'apigw-requestid': request.requestId } };
}

/** A client that takes us for a proxy sends the whole address; only its path counts. */
function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  return URL.canParse(target) ? new URL(target).pathname + new URL(target).search : '/';
}

function describeRequest(incoming: http.IncomingMessage, target: string, body: Buffer): GatewayRequest {
  return {
    method: incoming.method ?? 'GET',
    target,
    rawHeaders: incoming.rawHeaders,
    body,
    sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
    httpVersion: incoming.httpVersion,
    receivedAt: new Date(),
    requestId: randomUUID(),
    port: incoming.socket.localPort ?? 0,
    protocol: 'http',
  };
}

/** @returns undefined when it is too large; the rest is read and thrown away, so that the client hears why. */
async function readBody(incoming: http.IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    size += part.length;
    if (size <= payloadBytesMax) parts.push(part);
    else parts.length = 0;
  }
  return size <= payloadBytesMax ? Buffer.concat(parts) : undefined;
}

async function invoke<Route extends FunctionRoute>(
  name: string,
  event: APIGatewayProxyEventV2,
  options: HttpApiServerOptions<Route>,
): Promise<GatewayResponse> {
  const timeoutMs = options.integrationTimeoutMs ?? integrationTimeoutMs;
  const handler = options.handlers.get(name);
  if (handler === undefined) return internalServerError;
  const context = createLambdaContext({
    functionName: name,
    requestId: event.requestContext.requestId,
    timeoutMs,
  });
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<GatewayResponse>((resolve) => {
    timer = setTimeout(() => resolve(gatewayMessage(503, 'Service Unavailable')), timeoutMs);
  });
  const run = async () => {
    try {
      // A function gets its event as JSON: nothing that JSON cannot hold comes through, and nothing is shared.
      return toGatewayResponse(await handler(structuredClone(event), context));
    } catch (error) {
      options.onFunctionError(name, error);
      return internalServerError;
    }
  };
  try {
    return await Promise.race([run(), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function send(
  response: http.ServerResponse,
  result: GatewayResponse,
  onError: (error: unknown) => void,
): void {
  try {
    write(response, result);
  } catch (error) {
    // A header that HTTP does not allow.
    onError(error);
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    write(response, internalServerError);
  }
}

function write(response: http.ServerResponse, result: GatewayResponse): void {
  response.statusCode = result.statusCode;
  for (const [name, value] of Object.entries(result.headers)) response.setHeader(name, value);
  if (result.cookies.length > 0) response.setHeader('set-cookie', [...result.cookies]);
  const bodyless = result.statusCode === 204 || result.statusCode === 304;
  if (!bodyless) response.setHeader('content-length', result.body.length);
  response.end(bodyless ? undefined : result.body);
}

async function closeServer(server: http.Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), closeTimeoutMs);
  try {
    await closed;
  } finally {
    clearTimeout(timer);
  }
}
