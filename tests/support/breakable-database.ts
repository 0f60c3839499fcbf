/** The way to a database, which a test can break for some requests: refused, cut, or without an answer. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export type Breakage = 'none' | 'refuses' | 'cuts' | 'stalls';

export interface BreakableDatabase {
  readonly url: string;
  /** @param concerns a part of the body of the requests that are broken. */
  break(how: Breakage, concerns?: string): void;
  /** How many requests were broken since then. */
  broken(): number;
  close(): Promise<void>;
}

/** As DynamoDB answers when a table has no capacity left. */
const refusal = JSON.stringify({
  __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  message: 'The level of configured provisioned throughput for the table was exceeded.',
});

/** @param target `http://127.0.0.1:<port>` */
export async function startBreakableDatabase(target: string): Promise<BreakableDatabase> {
  let breakage: Breakage = 'none';
  let concerned = '';
  let broken = 0;

  const forward = (incoming: IncomingMessage, body: Buffer, response: ServerResponse) => {
    const onward = request(
      target,
      { method: 'POST', path: incoming.url, headers: incoming.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    onward.end(body);
  };

  const server = createServer((incoming, response) => {
    void buffer(incoming).then(
      (body) => {
        if (breakage === 'none' || !body.includes(concerned)) return forward(incoming, body, response);
        broken += 1;
        if (breakage === 'cuts') return response.destroy();
        if (breakage === 'refuses')
          return response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(refusal);
        return undefined;
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    break(how, concerns = '') {
      breakage = how;
      concerned = concerns;
      broken = 0;
    },
    broken: () => broken,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
