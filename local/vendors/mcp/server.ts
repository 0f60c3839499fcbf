/** A simulated MCP server over streamable HTTP, on plain `node:http`: sessions, versions and errors as the protocol has them. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { createFaults } from '../faults.ts';
import { listen, parseJson, readBody, sendJson } from '../http-server.ts';
import { pause } from '../pause.ts';
import { createViolations, type VendorLog, type Violation } from '../violations.ts';
import { type CourtTool, courtTools } from './court-tools.ts';

export type McpFault =
  | { readonly on: 'call'; readonly kind: 'status'; readonly status: number }
  | { readonly on: 'call'; readonly kind: 'slow'; readonly ms: number }
  | { readonly on: 'call'; readonly kind: 'cut' | 'is-error' };

export interface SimulatedMcpOptions {
  readonly port?: number;
  /** Bearer token that clients must send. */
  readonly token?: string;
  readonly tools?: readonly CourtTool[];
  readonly log?: VendorLog;
}

export interface SimulatedMcp {
  /** The endpoint itself. */
  readonly url: string;
  close(): Promise<void>;
  violations(): readonly Violation[];
  calls(): readonly { readonly name: string }[];
  failNext(fault: McpFault): void;
  /** Every session is forgotten: clients get 404 until they initialize again. */
  expireSessions(): void;
}

const endpoint = '/mcp';
const versions = ['2025-11-25', '2025-06-18', '2025-03-26'];
const toolsPerPage = 4;
const callsKeptMax = 1_000;

const messageSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.number(), z.string()]).optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
});
type Message = z.infer<typeof messageSchema>;

interface Service {
  readonly options: SimulatedMcpOptions;
  readonly tools: readonly CourtTool[];
  readonly sessions: Set<string>;
  readonly faults: ReturnType<typeof createFaults<McpFault>>;
  readonly violations: ReturnType<typeof createViolations>;
  readonly calls: { readonly name: string }[];
}

export async function startSimulatedMcp(options: SimulatedMcpOptions = {}): Promise<SimulatedMcp> {
  const service: Service = {
    options,
    tools: options.tools ?? courtTools,
    sessions: new Set(),
    faults: createFaults<McpFault>(),
    violations: createViolations(options.log),
    calls: [],
  };
  const listening = await listen(
    (request, response) => handle(service, request, response),
    options.port ?? 0,
  );
  return {
    url: `${listening.url}${endpoint}`,
    close: listening.close,
    violations: () => service.violations.list(),
    calls: () => service.calls,
    failNext: (fault) => service.faults.add(fault),
    expireSessions: () => service.sessions.clear(),
  };
}

async function handle(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '').split('?')[0];
  if (path === '/_simulated/violations') return sendJson(response, 200, service.violations.list());
  if (path !== endpoint) return sendJson(response, 404, { error: 'not found' });
  const { token } = service.options;
  if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
    return sendJson(response, 401, { error: 'unauthorized' }, { 'www-authenticate': 'Bearer' });
  if (request.method === 'GET') return void response.writeHead(405, { allow: 'POST, DELETE' }).end();
  if (request.method === 'DELETE') {
    service.sessions.delete(String(request.headers['mcp-session-id']));
    return void response.writeHead(200).end();
  }
  if (request.method !== 'POST') return void response.writeHead(405).end();
  return handlePost(service, request, response);
}

async function handlePost(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const accept = request.headers.accept ?? '';
  const violate = (code: string, message: string) => service.violations.add('mcp', code, message);
  if (!accept.includes('application/json') || !accept.includes('text/event-stream')) {
    violate('accept', 'a client must accept JSON and event streams');
    return sendJson(response, 406, rpcError(undefined, -32_000, 'Not Acceptable'));
  }
  if (!request.headers['content-type']?.includes('application/json')) {
    violate('content-type', 'the body is JSON');
    return sendJson(response, 415, rpcError(undefined, -32_000, 'Unsupported Media Type'));
  }
  const parsed = messageSchema.safeParse(parseJson((await readBody(request)).toString('utf8')));
  if (!parsed.success) {
    violate('parse', 'not a JSON-RPC message');
    return sendJson(response, 400, rpcError(undefined, -32_700, 'Parse error'));
  }
  const message = parsed.data;
  if (message.method === 'initialize') return initialize(service, message, response);
  const session = request.headers['mcp-session-id'];
  if (session === undefined) {
    violate('session', 'no session header');
    return sendJson(response, 400, rpcError(message.id, -32_000, 'Mcp-Session-Id header is required'));
  }
  if (!service.sessions.has(String(session)))
    return sendJson(response, 404, rpcError(message.id, -32_001, 'Session not found'));
  if (!versions.includes(String(request.headers['mcp-protocol-version']))) {
    violate('version', 'no negotiated protocol version');
    return sendJson(response, 400, rpcError(message.id, -32_000, 'Unsupported protocol version'));
  }
  if (message.id === undefined) return void response.writeHead(202).end();
  return answerCall(service, message, response);
}

const rpcError = (id: Message['id'], code: number, message: string) => ({
  jsonrpc: '2.0',
  id: id ?? null,
  error: { code, message },
});
const rpcResult = (id: Message['id'], result: object) => ({ jsonrpc: '2.0', id, result });

function initialize(service: Service, { id, params }: Message, response: ServerResponse): void {
  const asked = String(params?.['protocolVersion']);
  const session = randomUUID();
  service.sessions.add(session);
  const result = {
    protocolVersion: versions.includes(asked) ? asked : versions[0],
    capabilities: { tools: {} },
    serverInfo: { name: 'court-desk', version: '1.0.0' },
  };
  sendJson(response, 200, rpcResult(id, result), { 'mcp-session-id': session });
}

async function answerCall(service: Service, message: Message, response: ServerResponse): Promise<void> {
  switch (message.method) {
    case 'ping':
      return sendJson(response, 200, rpcResult(message.id, {}));
    case 'tools/list':
      return sendJson(response, 200, rpcResult(message.id, listTools(service, message.params?.['cursor'])));
    case 'tools/call':
      return callTool(service, message, response);
    default:
      return sendJson(response, 200, rpcError(message.id, -32_601, 'Method not found'));
  }
}

function listTools({ tools }: Service, cursor: unknown): object {
  const from = typeof cursor === 'string' ? Number(cursor) : 0;
  const page = tools.slice(from, from + toolsPerPage);
  return {
    tools: page.map(({ name, description, inputSchema, readOnly }) => ({
      name,
      description,
      inputSchema,
      annotations: { readOnlyHint: readOnly, idempotentHint: readOnly },
    })),
    ...(from + toolsPerPage < tools.length ? { nextCursor: String(from + toolsPerPage) } : {}),
  };
}

/** Answered as an event stream: a client must take both. */
async function callTool(service: Service, { id, params }: Message, response: ServerResponse): Promise<void> {
  const tool = service.tools.find(({ name }) => name === params?.['name']);
  if (!tool) return sendJson(response, 200, rpcError(id, -32_602, 'Unknown tool'));
  service.calls.push({ name: tool.name });
  if (service.calls.length > callsKeptMax) service.calls.shift();
  const fault = service.faults.take('call', 'status', 'slow', 'cut', 'is-error');
  if (fault?.kind === 'status') return void response.writeHead(fault.status).end();
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  if (fault?.kind === 'cut') return void response.end();
  const answer = tool.answer((params?.['arguments'] ?? {}) as Record<string, unknown>);
  if (!(await pause(fault?.kind === 'slow' ? fault.ms : (answer.afterMs ?? 0), gone.signal))) return;
  const isError = fault?.kind === 'is-error' || answer.isError === true;
  const content = [{ type: 'text', text: fault?.kind === 'is-error' ? 'The tool failed' : answer.text }];
  response.end(`event: message\ndata: ${JSON.stringify(rpcResult(id, { content, isError }))}\n\n`);
}
