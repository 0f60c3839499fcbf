/** An application that Twilio calls: a web server with TwiML, and a WebSocket server for streams. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { isSignedUpgrade, isSignedWebhook } from '#adapters/twilio/request-signature.ts';

export const accountSid = `AC${'a'.repeat(32)}`;
export const authToken = '0123456789abcdef0123456789abcdef';

export interface Asked {
  readonly path: string;
  readonly method: string;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As twilio-node's validator sees it. */
  readonly signed: boolean;
}

export interface Reply {
  readonly status?: number;
  readonly body?: string;
  readonly contentType?: string;
  readonly location?: string;
}

export interface StreamConnection {
  readonly socket: WebSocket;
  readonly signed: boolean;
  readonly messages: readonly StreamMessage[];
  /** Resolves with the first message that fits, also one from before. */
  next(fits: (message: StreamMessage) => boolean): Promise<StreamMessage>;
  streamSid(): string;
  send(event: string, body?: object): void;
}

export interface StreamMessage {
  readonly event: string;
  readonly streamSid?: string;
  readonly sequenceNumber?: string;
  readonly start?: Record<string, unknown>;
  readonly media?: {
    readonly payload: string;
    readonly chunk: string;
    readonly timestamp: string;
    readonly track: string;
  };
  readonly mark?: { readonly name: string };
  readonly dtmf?: { readonly digit: string; readonly track: string };
  readonly stop?: Record<string, unknown>;
}

export interface Application {
  /** `http://127.0.0.1:…` */
  readonly url: string;
  /** `ws://127.0.0.1:…` */
  readonly streamUrl: string;
  readonly asked: readonly Asked[];
  paths(): readonly string[];
  /** What a path answers from now on. */
  on(
    path: string,
    reply: Reply | string | ((asked: Asked) => Reply | string | Promise<Reply | string>),
  ): void;
  /** What a stream does as soon as it is connected; also how it is refused. */
  onStream(handle: (stream: StreamConnection) => void): void;
  refuseStreams(status: number): void;
  close(): Promise<void>;
}

export const twiml = (inside: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Response>${inside}</Response>`;

type Handler = (asked: Asked) => Reply | string | Promise<Reply | string>;

export async function startApplication(): Promise<Application> {
  const handlers = new Map<string, Handler>();
  const asked: Asked[] = [];
  let handleStream: (stream: StreamConnection) => void = () => undefined;
  let refusal: number | undefined;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const url = new URL(request.url ?? '/', origin());
    const params = Object.fromEntries(new URLSearchParams(Buffer.concat(parts).toString()));
    const question: Asked = {
      path: url.pathname,
      method: request.method ?? '',
      params: request.method === 'GET' ? Object.fromEntries(url.searchParams) : params,
      headers: request.headers,
      signed: isSignedWebhook({
        authTokens: [authToken],
        signature: String(request.headers['x-twilio-signature'] ?? ''),
        url: `${origin()}${request.url}`,
        params,
      }),
    };
    asked.push(question);
    const reply = (await handlers.get(url.pathname)?.(question)) ?? { status: 404 };
    const {
      status = 200,
      body = '',
      contentType = 'text/xml',
      location,
    } = typeof reply === 'string' ? { body: reply } : reply;
    response.writeHead(status, { 'content-type': contentType, ...(location ? { location } : {}) });
    response.end(body);
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.on('upgrade', (request, socket, head) => {
    if (refusal !== undefined) return socket.end(`HTTP/1.1 ${refusal} Refused\r\nConnection: close\r\n\r\n`);
    const signature = String(request.headers['x-twilio-signature'] ?? '');
    const url = `${origin().replace('http', 'ws')}${request.url}`;
    const signed = isSignedUpgrade({ authTokens: [authToken], signature, url });
    sockets.handleUpgrade(request, socket, head, (ws) => handleStream(connection(ws, signed)));
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: origin(),
    streamUrl: origin().replace('http', 'ws'),
    asked,
    paths: () => asked.map(({ path }) => path),
    on(path, reply) {
      handlers.set(path, typeof reply === 'function' ? reply : () => reply);
    },
    onStream(handle) {
      handleStream = handle;
    },
    refuseStreams(status) {
      refusal = status;
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function connection(socket: WebSocket, signed: boolean): StreamConnection {
  const messages: StreamMessage[] = [];
  const waiting = new Set<() => void>();
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString()));
    for (const look of waiting) look();
  });
  const streamSid = () => messages.find(({ event }) => event === 'start')?.streamSid ?? '';
  return {
    socket,
    signed,
    messages,
    streamSid,
    send: (event, body = {}) => socket.send(JSON.stringify({ event, streamSid: streamSid(), ...body })),
    next: (fits) =>
      new Promise((resolve) => {
        const look = () => {
          const found = messages.find(fits);
          if (!found) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}
