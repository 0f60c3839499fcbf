/** Simulated Systems Manager: its parameter store, over the JSON protocol, as strict as the real one. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen, parseJson, readBody } from '../http-server.ts';
import { createParameterStore, ParameterProblem } from './parameter-store.ts';

export interface SimulatedSsm {
  readonly url: string;
  /** Names of the operations asked for so far, in order. */
  operations(): readonly string[];
  /** The next requests, as many as there are codes, fail with them. */
  failNext(...codes: readonly string[]): void;
  /** As if everything had been written so long ago. */
  age(days: number): void;
  close(): Promise<void>;
}

const target = /^AmazonSSM\.(\w+)$/;

export async function startSimulatedSsm(options: { readonly now?: () => Date } = {}): Promise<SimulatedSsm> {
  const store = createParameterStore(options.now ?? (() => new Date()));
  const operations: string[] = [];
  const failures: string[] = [];

  const run = async (request: IncomingMessage): Promise<object> => {
    const [, operation] = target.exec(String(request.headers['x-amz-target'] ?? '')) ?? [];
    const body = parseJson((await readBody(request)).toString('utf8'));
    if (request.method !== 'POST' || request.headers['content-type'] !== 'application/x-amz-json-1.1')
      throw new ParameterProblem('UnknownOperationException', 'POST application/x-amz-json-1.1');
    if (!/^AWS4-HMAC-SHA256 Credential=\S+\/ssm\/aws4_request/.test(request.headers.authorization ?? ''))
      throw new ParameterProblem('MissingAuthenticationToken', 'The request is not signed');
    if (operation === undefined) throw new ParameterProblem('UnknownOperationException', 'No operation');
    operations.push(operation);
    const failure = failures.shift();
    if (failure !== undefined) throw new ParameterProblem(failure, 'As it was told to');
    return store.run(operation, body);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const send = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    };
    try {
      send(200, await run(request));
    } catch (error) {
      if (!(error instanceof ParameterProblem)) throw error;
      send(error.code === 'InternalServerError' ? 500 : 400, { __type: error.code, message: error.message });
    }
  };

  const server = await listen(answer, 0);
  return {
    url: server.url,
    operations: () => [...operations],
    failNext: (...codes) => void failures.push(...codes),
    age: (days) => store.age(days),
    close: server.close,
  };
}
