/** A small, strict tool server over streamable HTTP; every breach of the protocol by the client is kept. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

// biome-ignore lint/suspicious/noExplicitAny: messages of any shape
type Json = any;

/** How one `tools/call` is answered. */
export type ToolAnswer =
  | { readonly result: object }
  | { readonly error: { readonly code: number; readonly message: string } }
  | { readonly status: number }
  | 'never'
  | 'cut';

export interface StrictToolServer {
  readonly url: string;
  /** What the client did that it may not do. */
  readonly breaches: readonly string[];
  /** Methods of the messages received, in order; `DELETE` for a session that was ended. */
  readonly received: readonly string[];
  readonly calls: readonly { readonly name: string; readonly arguments: Json }[];
  tools: readonly object[];
  /** Tools on one page of a listing. */
  pageSize: number;
  /** Answers with event streams instead of JSON. */
  streamed: boolean;
  /** Answers every request with this status. */
  refuseWith: number | undefined;
  /** Takes messages of this method and says nothing, until `release`. */
  silentOn: string | undefined;
  release(): void;
  answer(...answers: ToolAnswer[]): void;
  expireSessions(): void;
  notifyToolsChanged(): void;
  /** Resolves when this message was received, counted from now. */
  next(method: string): Promise<void>;
  /** Frees the port without an answer to anybody; `reopen` takes it again. */
  stop(): Promise<void>;
  reopen(): Promise<void>;
  close(): Promise<void>;
}

const protocolVersion = '2025-11-25';

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export async function startStrictToolServer(options: { token?: string } = {}): Promise<StrictToolServer> {
  const breaches: string[] = [];
  const received: string[] = [];
  const calls: { name: string; arguments: Json }[] = [];
  const answers: ToolAnswer[] = [];
  const sessions = new Set<string>();
  const listeners = new Set<ServerResponse>();
  const waiting: { method: string; resolve: () => void }[] = [];
  const held: (() => void)[] = [];
  const state = {
    tools: [] as readonly object[],
    pageSize: 100,
    streamed: false,
    refuseWith: undefined as number | undefined,
    silentOn: undefined as string | undefined,
  };

  const note = (method: string) => {
    received.push(method);
    const index = waiting.findIndex((waiter) => waiter.method === method);
    if (index >= 0) waiting.splice(index, 1)[0]?.resolve();
  };
  const send = (response: ServerResponse, message: object) => {
    const json = JSON.stringify({ jsonrpc: '2.0', ...message });
    if (state.streamed) {
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end(`event: message\ndata: ${json}\n\n`);
    } else response.writeHead(200, { 'content-type': 'application/json' }).end(json);
  };
  const listPage = (cursor: string | undefined) => {
    const from = Number(cursor ?? 0);
    const to = from + state.pageSize;
    return {
      tools: state.tools.slice(from, to),
      ...(to < state.tools.length ? { nextCursor: String(to) } : {}),
    };
  };
  const answerCall = (message: Json, response: ServerResponse) => {
    calls.push(message.params);
    const answer = answers.shift() ?? { result: { content: [{ type: 'text', text: 'done' }] } };
    if (answer === 'never') return;
    if (answer === 'cut') response.socket?.destroy();
    else if ('status' in answer) response.writeHead(answer.status).end('no');
    else send(response, { id: message.id, ...answer });
  };

  const onMessage = (message: Json, request: IncomingMessage, response: ServerResponse) => {
    if (message.method === 'initialize') {
      const id = randomUUID();
      sessions.add(id);
      response.setHeader('mcp-session-id', id);
      const result = {
        protocolVersion,
        capabilities: { tools: { listChanged: true } },
        serverInfo: { name: 'strict', version: '1' },
      };
      return send(response, { id: message.id, result });
    }
    if (!sessions.has(String(request.headers['mcp-session-id']))) return response.writeHead(404).end();
    if (request.headers['mcp-protocol-version'] !== protocolVersion)
      breaches.push('protocol version missing');
    if (message.id === undefined) return response.writeHead(202).end();
    if (message.method === 'tools/list')
      return send(response, { id: message.id, result: listPage(message.params?.cursor) });
    if (message.method === 'tools/call') return answerCall(message, response);
    breaches.push(`unknown method ${message.method}`);
    return send(response, { id: message.id, error: { code: -32601, message: 'no' } });
  };

  const onRequest = async (request: IncomingMessage, response: ServerResponse) => {
    if (options.token && request.headers.authorization !== `Bearer ${options.token}`) {
      return response.writeHead(401).end();
    }
    if (state.refuseWith !== undefined) return response.writeHead(state.refuseWith).end();
    if (request.method === 'GET') {
      listeners.add(response);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      return note('GET');
    }
    if (request.method === 'DELETE') {
      sessions.delete(String(request.headers['mcp-session-id']));
      response.writeHead(204).end();
      return note('DELETE');
    }
    const accept = request.headers.accept ?? '';
    if (!accept.includes('application/json') || !accept.includes('text/event-stream'))
      breaches.push('accept');
    const message = JSON.parse(await readBody(request));
    note(message.method);
    if (state.silentOn === message.method) held.push(() => onMessage(message, request, response));
    else onMessage(message, request, response);
  };

  const server = createServer((request, response) => void onRequest(request, response));
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };

  return Object.assign(state, {
    url: `http://127.0.0.1:${port}/mcp`,
    breaches,
    received,
    calls,
    answer: (...added: ToolAnswer[]) => void answers.push(...added),
    release() {
      state.silentOn = undefined;
      for (const answerNow of held.splice(0)) answerNow();
    },
    expireSessions: () => sessions.clear(),
    notifyToolsChanged() {
      const notification = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' };
      for (const listener of listeners) listener.write(`data: ${JSON.stringify(notification)}\n\n`);
    },
    next: (method: string) => new Promise<void>((resolve) => waiting.push({ method, resolve })),
    stop,
    reopen: async () => void (await listen(port)),
    close: () => (server.listening ? stop() : Promise.resolve()),
  });
}
