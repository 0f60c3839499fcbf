/** One HTTP exchange with separate limits for connecting and for reading, which `fetch` does not have. */
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';

export class ConnectTimeout extends Error {
  constructor(limitMs: number) {
    super(`not connected within ${limitMs} ms`);
    this.name = 'ConnectTimeout';
  }
}

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly connectTimeoutMs: number;
  /** From the request sent to the end of the answer. */
  readonly readTimeoutMs: number;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly location: string | undefined;
  readonly body: string;
}

/** TwiML has 64 KB at most; what is longer is cut here and refused by its reader. */
const bodyBytesMax = 128 * 1024;

/** Throws `ConnectTimeout`, or `Error` with a short reason. */
export function sendHttp(request: HttpRequest): Promise<HttpAnswer> {
  const { url, method, headers, body, signal } = request;
  return new Promise((resolve, reject) => {
    const timers = new Set<NodeJS.Timeout>();
    const fail = (error: Error) => {
      for (const timer of timers) clearTimeout(timer);
      reject(error);
      outgoing.destroy();
    };
    const limit = (ms: number, error: () => Error) => {
      const timer = setTimeout(() => fail(error()), ms);
      timers.add(timer);
      return () => clearTimeout(timer);
    };
    const transport = url.startsWith('https:') ? https : http;
    // A connection of its own: a kept one that the server just closed would look like a failure of the webhook.
    const outgoing = transport.request(url, { method, headers: { ...headers }, agent: false, signal });
    const connected = limit(request.connectTimeoutMs, () => new ConnectTimeout(request.connectTimeoutMs));
    outgoing.once('socket', (socket) => {
      socket.once(url.startsWith('https:') ? 'secureConnect' : 'connect', () => {
        connected();
        limit(request.readTimeoutMs, () => new Error(`no answer within ${request.readTimeoutMs} ms`));
      });
    });
    outgoing.on('error', (cause: NodeJS.ErrnoException) => fail(new Error(reasonOf(cause, signal))));
    outgoing.once('response', (response) => {
      readBody(response).then(
        (text) => {
          for (const timer of timers) clearTimeout(timer);
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            location: response.headers.location,
            body: text,
          });
        },
        () => fail(new Error('the answer was cut')),
      );
    });
    outgoing.end(body);
  });
}

async function readBody(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length;
    parts.push(part);
    if (length > bodyBytesMax) break;
  }
  return Buffer.concat(parts).toString('utf8');
}

function reasonOf(cause: NodeJS.ErrnoException, signal: AbortSignal): string {
  if (signal.aborted) return 'no answer within the total time';
  return cause.code ?? 'the connection failed';
}
