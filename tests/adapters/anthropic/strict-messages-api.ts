/** A small stand-in for the Messages API that says only what a test tells it, over a real socket. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any shape
  readonly body: any;
  /** Resolves when the client's side of this exchange is gone. */
  readonly closed: Promise<void>;
}

/** Writes one answer. Leaving it unfinished is an answer too: a stall. */
export type Answer = (response: ServerResponse) => void;

export interface StrictMessagesApi {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** What the real API would have answered with 400, and why. */
  readonly violations: readonly string[];
  /** How many TCP connections were made so far. */
  connections(): number;
  /** What the next requests get, in order. A request without an answer gets 500. */
  answer(...answers: Answer[]): void;
  /** Resolves with the next request that arrives. */
  nextRequest(): Promise<ReceivedRequest>;
  close(): Promise<void>;
}

export const event = (data: { type: string; [field: string]: unknown }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

export const ping = event({ type: 'ping' });

export const messageStart = (usage: object = { input_tokens: 12, output_tokens: 1 }): string =>
  event({
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-haiku-4-5-20251001',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage,
    },
  });

export const blockStart = (index: number, content_block: object): string =>
  event({ type: 'content_block_start', index, content_block });

export const blockDelta = (index: number, delta: object): string =>
  event({ type: 'content_block_delta', index, delta });

export const blockStop = (index: number): string => event({ type: 'content_block_stop', index });

export const textBlock = (index: number, ...pieces: string[]): string =>
  [
    blockStart(index, { type: 'text', text: '' }),
    ...pieces.map((text) => blockDelta(index, { type: 'text_delta', text })),
    blockStop(index),
  ].join('');

export const toolBlock = (index: number, name: string, ...pieces: string[]): string =>
  [
    blockStart(index, { type: 'tool_use', id: `toolu_${index}`, name, input: {} }),
    ...pieces.map((partial_json) => blockDelta(index, { type: 'input_json_delta', partial_json })),
    blockStop(index),
  ].join('');

export const messageDelta = (stop_reason: string, usage: object = { output_tokens: 9 }): string =>
  event({ type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage });

export const messageStop = event({ type: 'message_stop' });

const openStream = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'request-id': 'req_1' });

/** The whole text and a clean end of the body. */
export const stream =
  (...text: string[]): Answer =>
  (response) =>
    openStream(response).end(text.join(''));

/** The text, then nothing more on an open connection. */
export const stall =
  (...text: string[]): Answer =>
  (response) => {
    openStream(response).flushHeaders();
    if (text.length > 0) response.write(text.join(''));
  };

/** The text, then the socket is destroyed. */
export const cut =
  (...text: string[]): Answer =>
  (response) => {
    openStream(response).write(text.join(''), () => response.socket?.destroy());
  };

export const refuse =
  (status: number, type: string, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify({ type: 'error', error: { type, message: 'no' }, request_id: 'req_1' }));

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
type Json = any;

const idsOf = (content: Json[], type: string, field: string): string[] =>
  content.filter((block) => block.type === type).map((block) => block[field]);

function violationsOfMessage(message: Json, before: Json | undefined): string[] {
  const { content } = message;
  const found: string[] = [];
  if (content.length === 0) found.push('empty message');
  if (content.some((block: Json) => block.type === 'text' && block.text.trim() === ''))
    found.push('blank text');
  if (message.role === (before?.role ?? 'assistant')) found.push('roles do not take turns from the user on');
  const asked = before?.role === 'assistant' ? idsOf(before.content, 'tool_use', 'id') : [];
  const answered = message.role === 'user' ? idsOf(content, 'tool_result', 'tool_use_id') : [];
  if (message.role === 'user' && asked.join() !== answered.join())
    found.push('calls and results do not match');
  const firstText = content.findIndex((block: Json) => block.type === 'text');
  const lastResult = content.findLastIndex((block: Json) => block.type === 'tool_result');
  if (firstText >= 0 && lastResult > firstText) found.push('result after text');
  return found;
}

/** The rules of the Messages API that a history of ours could break. */
function violationsOf({ messages, system = [], tools = [] }: Json): string[] {
  const marked = [...tools, ...system, ...messages.flatMap(({ content }: Json) => content)];
  const marks = marked.filter((block: Json) => block.cache_control !== undefined).length;
  return [
    ...messages.flatMap((message: Json, index: number) => violationsOfMessage(message, messages[index - 1])),
    ...(messages.at(-1)?.role === 'user' ? [] : ['does not end with the user']),
    ...(marks > 4 ? ['more than four cache marks'] : []),
  ];
}

async function stopServer(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

/** @param options.apiKey the only bearer token that is taken; without it any is. */
export async function startStrictMessagesApi(
  options: { readonly apiKey?: string } = {},
): Promise<StrictMessagesApi> {
  const requests: ReceivedRequest[] = [];
  const violations: string[] = [];
  const answers: Answer[] = [];
  const waiting: ((request: ReceivedRequest) => void)[] = [];
  let connections = 0;

  const server = createServer(async (request, response) => {
    const closed = once(response, 'close').then(() => undefined);
    const received = {
      path: request.url ?? '',
      headers: request.headers,
      body: await readBody(request),
      closed,
    };
    requests.push(received);
    violations.push(...violationsOf(received.body));
    waiting.shift()?.(received);
    const { apiKey } = options;
    if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`)
      refuse(401, 'authentication_error')(response);
    else (answers.shift() ?? refuse(500, 'api_error'))(response);
  });
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    violations,
    connections: () => connections,
    answer: (...added) => void answers.push(...added),
    nextRequest: () => new Promise((resolve) => waiting.push(resolve)),
    close: () => stopServer(server),
  };
}
