/** Stands before the tables and the parameters of a rehearsal: lets through what the caller's role allows. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { listen, parseJson, readBody } from '../vendors/http-server.ts';
import type { Permissions, Request } from './permissions.ts';

export interface AwsGateOptions {
  readonly databaseUrl: string;
  readonly ssmUrl: string;
  /** By table name, as policies name it. */
  readonly tableArns: ReadonlyMap<string, string>;
  /** What stands before a parameter's name in its ARN. */
  readonly parameterArnPrefix: string;
  readonly permissions: Permissions;
  /** The role behind an access key. */
  readonly roles: ReadonlyMap<string, string>;
}

export interface AwsGate {
  readonly url: string;
  /** What was refused, each once: who, what, on which. */
  refused(): readonly string[];
  /** What was done: `dynamodb:PutItem`, … by access key. */
  used(): ReadonlyMap<string, ReadonlySet<string>>;
  close(): Promise<void>;
}

const services: Readonly<Record<string, string>> = { DynamoDB_20120810: 'dynamodb', AmazonSSM: 'ssm' };

const bodySchema = z.looseObject({
  TableName: z.string().optional(),
  IndexName: z.string().optional(),
  RequestItems: z.record(z.string(), z.unknown()).optional(),
  TransactItems: z.array(z.record(z.string(), z.looseObject({ TableName: z.string() }))).optional(),
  Names: z.array(z.string()).optional(),
  Name: z.string().optional(),
});

const transactionActions: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
};

/** A transaction needs the permission of each of its parts. */
function requestsOf(service: string, operation: string, body: unknown, options: AwsGateOptions): Request[] {
  const parsed = bodySchema.parse(body);
  const arn = (table: string) => options.tableArns.get(table) ?? `unknown table ${table}`;
  if (service === 'ssm')
    return [
      {
        action: `ssm:${operation}`,
        resources: [...(parsed.Names ?? []), ...(parsed.Name === undefined ? [] : [parsed.Name])].map(
          (name) => `${options.parameterArnPrefix}${name}`,
        ),
      },
    ];
  if (parsed.TransactItems)
    return parsed.TransactItems.flatMap((item) =>
      Object.entries(item).map(([kind, { TableName }]) => ({
        action: `dynamodb:${transactionActions[kind] ?? kind}`,
        resources: [arn(TableName)],
      })),
    );
  const action = `dynamodb:${operation}`;
  if (parsed.RequestItems) return [{ action, resources: Object.keys(parsed.RequestItems).map(arn) }];
  const table = arn(parsed.TableName ?? '');
  return [
    { action, resources: [parsed.IndexName === undefined ? table : `${table}/index/${parsed.IndexName}`] },
  ];
}

export async function startAwsGate(options: AwsGateOptions): Promise<AwsGate> {
  const refused = new Set<string>();
  const used = new Map<string, Set<string>>();

  const refusalOf = (accessKey: string, requests: readonly Request[]): string | undefined => {
    const role = options.roles.get(accessKey) ?? '';
    const done = used.get(accessKey) ?? new Set();
    used.set(accessKey, done);
    for (const { action } of requests) done.add(action);
    const forbidden = requests.find((request) => !options.permissions.mayDo(role, request));
    return forbidden && `${accessKey} may not ${forbidden.action} on ${forbidden.resources.join(', ')}`;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const [prefix = '', operation = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
    const service = services[prefix] ?? '';
    const [, accessKey = ''] = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
    const body = await readBody(request);
    const requests = requestsOf(service, operation, parseJson(body.toString()), options);
    const refusal = refusalOf(accessKey, requests);
    if (refusal !== undefined) {
      refused.add(refusal);
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: 'AccessDeniedException', message: refusal }));
      return;
    }
    const passed = await fetch(service === 'ssm' ? options.ssmUrl : options.databaseUrl, {
      method: 'POST',
      headers: {
        'content-type': String(request.headers['content-type']),
        'x-amz-target': String(request.headers['x-amz-target']),
        'x-amz-date': String(request.headers['x-amz-date']),
        authorization: String(request.headers.authorization),
      },
      body: new Uint8Array(body),
    });
    response.writeHead(passed.status, { 'content-type': String(passed.headers.get('content-type')) });
    response.end(Buffer.from(await passed.arrayBuffer()));
  };

  const server = await listen(answer, 0);
  return {
    url: server.url,
    refused: () => [...refused],
    used: () => used,
    close: server.close,
  };
}
