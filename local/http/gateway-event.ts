/** A request in, an API Gateway HTTP API event in payload format 2.0 out. Pure. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { arrivesAsText } from './text-bodies.ts';

export interface GatewayRequest {
  readonly method: string;
  /** As it stands in the request line: path and query string, still encoded. */
  readonly target: string;
  /** Names and values in turn, as received (`IncomingMessage.rawHeaders`). */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly httpVersion: string;
  readonly receivedAt: Date;
  readonly requestId: string;
  /** The port it came in by, as the gateway reports it. */
  readonly port: number;
  readonly protocol: 'http' | 'https';
}

export interface MatchedRoute {
  readonly method: string;
  readonly path: string;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** The gateway decodes the path before it matches and hands it over; a path it cannot decode stays as it is. */
export function decodePath(target: string): string {
  const encoded = target.split('?', 1)[0] as string;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

export const rawQueryOf = (target: string): string => {
  const mark = target.indexOf('?');
  return mark < 0 ? '' : target.slice(mark + 1);
};

function joinHeaders(request: GatewayRequest): { headers: Record<string, string>; cookies: string[] } {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const name = (request.rawHeaders[i] as string).toLowerCase();
    const value = request.rawHeaders[i + 1] as string;
    if (name === 'cookie') cookies.push(...value.split(/;\s*/).filter((cookie) => cookie !== ''));
    else headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  const forwarded = headers['x-forwarded-for'];
  headers['x-forwarded-for'] = forwarded ? `${forwarded}, ${request.sourceIp}` : request.sourceIp;
  headers['x-forwarded-port'] = String(request.port);
  headers['x-forwarded-proto'] = request.protocol;
  return { headers, cookies };
}

function joinQuery(rawQuery: string): Record<string, string> | undefined {
  const joined: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    joined[name] = name in joined ? `${joined[name]},${value}` : value;
  }
  return rawQuery === '' ? undefined : joined;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The gateway's own form: `12/Mar/2020:19:03:58 +0000`. */
function commonLogTime(at: Date): string {
  const [date, time] = at.toISOString().split('T') as [string, string];
  const [year, month, day] = date.split('-') as [string, string, string];
  return `${day}/${months[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}

export function toGatewayEvent(request: GatewayRequest, route: MatchedRoute): APIGatewayProxyEventV2 {
  const { headers, cookies } = joinHeaders(request);
  const rawPath = decodePath(request.target);
  const rawQueryString = rawQueryOf(request.target);
  const queryStringParameters = joinQuery(rawQueryString);
  const asText = arrivesAsText(headers['content-type']);
  const hasPathParameters = Object.keys(route.pathParameters).length > 0;
  const routeKey = `${route.method} ${route.path}`;
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString,
    ...(cookies.length > 0 && { cookies }),
    headers,
    ...(queryStringParameters && { queryStringParameters }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: headers['host'] ?? 'localhost',
      domainPrefix: 'local',
      http: {
        method: request.method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: request.requestId,
      routeKey,
      stage: '$default',
      time: commonLogTime(request.receivedAt),
      timeEpoch: request.receivedAt.getTime(),
    },
    ...(hasPathParameters && { pathParameters: { ...route.pathParameters } }),
    ...(request.body.length > 0 && { body: request.body.toString(asText ? 'utf8' : 'base64') }),
    isBase64Encoded: request.body.length > 0 && !asText,
  };
}
