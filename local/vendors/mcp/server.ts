/** An MCP server over streamable HTTP on plain `node:http`: sessions, versions and errors as the protocol has them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { createFaults } from '../faults.ts';
import { listen, parseJson, readBody, sendJson } from '../http-server.ts';
import { createViolations, type VendorLog, type Violation } from '../violations.ts';
import { type CourtTool, createCourtTools } from './court-tools.ts';
import { type Fault, faultSchema, type McpFault } from './faults.ts';
import { type RpcMessage, type RpcRequest, readMessage, rpcCodes, rpcError, rpcResult } from './json-rpc.ts';
import { createSessions, type Session } from './sessions.ts';
import { callTool, listTools, type ToolCall } from './tool-requests.ts';

export type { CourtTool, McpFault, ToolCall };

export interface SimulatedMcpOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** A bearer token that clients must send. Default: none is asked for. */
  readonly token?: string;
  readonly tools?: readonly CourtTool[];
  readonly log?: VendorLog;
}

export interface SimulatedMcp {
  /** Of the endpoint itself: `http://127.0.0.1:<port>/mcp`. */
  readonly url: string;
  close(): Promise<void>;
  violations(): readonly Violation[];
  /** The latest 1 000 calls of tools. */
  calls(): readonly ToolCall[];
  /** Makes the next request of its kind fail, once. */
  failNext(fault: McpFault): void;
  /** Every session is forgotten: clients get 404 until they initialize again. */
  expireSessions(): void;
}

const endpoint = '/mcp';
/** The newest first: what is offered to a client that asks for another one. */
const versions = ['2025-11-25', '2025-06-18', '2025-03-26'];
const bodyBytesMax = 1024 * 1024;

export type Service = ReturnType<typeof createService>;

function createService(options: SimulatedMcpOptions) {
  return {
    token: options.token,
    tools: options.tools ?? createCourtTools(),
    sessions: createSessions(),
    faults: createFaults<Fault>(),
    violations: createViolations(options.log),
    calls: [] as ToolCall[],
  };
}

/** One HTTP request and the answers it can be given. */
interface Exchange {
  readonly service: Service;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly violate: (code: string, message: string) => void;
  /** The client made a mistake. */
  readonly refuse: (status: number, code: string, message: string, rpcCode?: number) => void;
}

const loopback = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** @returns whether the request may be read on. */
function isAllowed({ service, request, response, violate, refuse }: Exchange): boolean {
  const { origin, authorization } = request.headers;
  if (origin !== undefined && !loopback.test(origin)) {
    refuse(403, 'origin', 'Forbidden: Invalid Origin header');
    return false;
  }
  if (service.token === undefined || authorization === `Bearer ${service.token}`) return true;
  violate('unauthorized', 'No bearer token, or a wrong one');
  const challenge = 'Bearer error="invalid_token"';
  sendJson(response, 401, { error: 'invalid_token' }, { 'www-authenticate': challenge });
  return false;
}

/** @returns undefined when the request was answered already. */
function findSession({ service, request, response, refuse }: Exchange): Session | undefined {
  const id = request.headers['mcp-session-id'];
  if (typeof id !== 'string') {
    refuse(400, 'no-session', 'Bad Request: Mcp-Session-Id header is required');
    return undefined;
  }
  const session = service.sessions.find(id);
  // Not a mistake: sessions end, and this is how a client learns of it.
  if (!session) sendJson(response, 404, rpcError(null, -32_001, 'Session not found'));
  else if (request.headers['mcp-protocol-version'] !== session.protocolVersion)
    refuse(400, 'version', 'Bad Request: Mcp-Protocol-Version is not the negotiated one');
  else return session;
  return undefined;
}

const initializeSchema = z.object({
  protocolVersion: z.string(),
  capabilities: z.record(z.string(), z.unknown()),
  clientInfo: z.object({ name: z.string(), version: z.string() }),
});

function initialize({ service, response, refuse }: Exchange, { id, params }: RpcRequest): void {
  const parsed = initializeSchema.safeParse(params);
  if (!parsed.success) {
    refuse(400, 'initialize', 'Invalid initialize parameters', rpcCodes.invalidParams);
    return;
  }
  const asked = parsed.data.protocolVersion;
  const session = service.sessions.open(versions.includes(asked) ? asked : (versions[0] as string));
  const result = {
    protocolVersion: session.protocolVersion,
    capabilities: { tools: { listChanged: false } },
    serverInfo: { name: 'court-desk', title: 'Court service desk', version: '1.0.0' },
    instructions: 'Information and small services of a family court.',
  };
  sendJson(response, 200, rpcResult(id, result), { 'mcp-session-id': session.id });
}

const cancelledSchema = z.object({ requestId: z.union([z.string(), z.int()]) });

function notify(session: Session, { method, params }: Extract<RpcMessage, { kind: 'notification' }>): void {
  if (method === 'notifications/initialized') session.initialized = true;
  if (method !== 'notifications/cancelled') return;
  const cancelled = cancelledSchema.safeParse(params);
  // One that is answered already is no mistake: the two may have crossed.
  if (cancelled.success) session.underWay.get(cancelled.data.requestId)?.abort();
}

async function answer(exchange: Exchange, session: Session, message: RpcRequest): Promise<void> {
  const { response, service, violate } = exchange;
  const send = (body: object) => sendJson(response, 200, body);
  if (!session.isNewId(message.id)) {
    violate('id', 'A request id was used twice in one session');
    return send(rpcError(message.id, rpcCodes.invalidRequest, 'Request id was used before'));
  }
  if (message.method === 'ping') return send(rpcResult(message.id, {}));
  if (!session.initialized) {
    violate('not-initialized', 'A request came before notifications/initialized');
    return send(rpcError(message.id, rpcCodes.invalidRequest, 'Not initialized'));
  }
  if (message.method === 'tools/list') return send(listTools(service, message, violate));
  if (message.method === 'tools/call') return callTool(service, session, message, response, violate);
  violate('method', `Method not found: ${message.method.slice(0, 50)}`);
  send(rpcError(message.id, rpcCodes.noMethod, 'Method not found'));
}

const faultTargets: Readonly<Record<string, Fault['on']>> = {
  initialize: 'initialize',
  'tools/list': 'list',
};

/** Failures before anything is done; a failing tool is its own matter. @returns whether one happened. */
function fail({ service, response }: Exchange, message: RpcRequest): boolean {
  const target = Object.hasOwn(faultTargets, message.method) ? faultTargets[message.method] : undefined;
  const fault = service.faults.take(target ?? 'call', 'status', 'rpc-error', 'hang', 'no-answer', 'cut');
  switch (fault?.kind) {
    case 'status':
      sendJson(response, fault.status, { error: 'Asked for by a test' });
      break;
    case 'rpc-error':
      sendJson(response, 200, rpcError(message.id, fault.code, 'Asked for by a test'));
      break;
    case 'no-answer':
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end();
      break;
    case 'cut':
      response.destroy();
      break;
    default:
  }
  return fault !== undefined;
}

async function handlePost(exchange: Exchange): Promise<void> {
  const { request, response, refuse } = exchange;
  const { accept = '', 'content-type': type = '' } = request.headers;
  if (!accept.includes('application/json') || !accept.includes('text/event-stream'))
    return refuse(
      406,
      'accept',
      'Not Acceptable: Client must accept both application/json and text/event-stream',
    );
  if (!type.includes('application/json'))
    return refuse(415, 'content-type', 'Unsupported Media Type: Content-Type must be application/json');
  const body = await readBody(request, bodyBytesMax).catch(() => undefined);
  if (!body) return refuse(413, 'too-large', 'Payload Too Large');
  const json = parseJson(body.toString());
  if (json === undefined) return refuse(400, 'parse', 'Parse error', rpcCodes.parse);
  const message = readMessage(json);
  if (!message) return refuse(400, 'invalid-request', 'Invalid Request', rpcCodes.invalidRequest);

  const isWork =
    message.kind === 'request' && ['initialize', 'tools/list', 'tools/call'].includes(message.method);
  if (isWork && fail(exchange, message)) return;
  if (message.kind === 'request' && message.method === 'initialize') return initialize(exchange, message);
  const session = findSession(exchange);
  if (!session) return;
  if (message.kind === 'request') return answer(exchange, session, message);
  if (message.kind === 'notification') notify(session, message);
  response.writeHead(202).end();
}

function handleDelete(exchange: Exchange): void {
  const session = findSession(exchange);
  if (!session) return;
  exchange.service.sessions.end(session.id);
  exchange.response.writeHead(200).end();
}

/** What a real server does not have: for tests and tools in other processes. */
async function handleSideDoor({ service, request, response }: Exchange, path: string): Promise<void> {
  if (path === 'violations') return sendJson(response, 200, service.violations.list());
  if (path === 'calls') return sendJson(response, 200, service.calls);
  if (path !== 'faults' || request.method !== 'POST') return sendJson(response, 404, { error: 'Not found' });
  const fault = faultSchema.safeParse(parseJson((await readBody(request)).toString()));
  if (!fault.success) return sendJson(response, 400, { error: z.prettifyError(fault.error) });
  service.faults.add(fault.data);
  sendJson(response, 200, {});
}

async function handle(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const violate = (code: string, message: string) => service.violations.add('mcp', code, message);
  const exchange: Exchange = {
    service,
    request,
    response,
    violate,
    refuse(status, code, message, rpcCode = rpcCodes.server) {
      violate(code, message);
      sendJson(response, status, rpcError(null, rpcCode, message));
    },
  };
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname.startsWith('/_simulated/'))
    return handleSideDoor(exchange, pathname.slice('/_simulated/'.length));
  if (pathname !== endpoint) return exchange.refuse(404, 'not-found', 'Not found');
  if (!isAllowed(exchange)) return;
  if (request.method === 'POST') return handlePost(exchange);
  if (request.method === 'DELETE') return handleDelete(exchange);
  // It has nothing to say by itself, so there is nothing to listen to.
  response.writeHead(405, { allow: 'POST, DELETE' }).end();
}

export async function startSimulatedMcp(options: SimulatedMcpOptions = {}): Promise<SimulatedMcp> {
  const service = createService(options);
  const listening = await listen(
    (request, response) => handle(service, request, response),
    options.port ?? 0,
  );
  return {
    url: `${listening.url}${endpoint}`,
    close: listening.close,
    violations: service.violations.list,
    calls: () => [...service.calls],
    failNext: (fault) => service.faults.add(faultSchema.parse(fault)),
    expireSessions: service.sessions.endAll,
  };
}
