/** What every function that answers requests stands on: one answer for whatever happens, with the request's id. */
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { isProviderError } from '#core/errors.ts';
import { HttpProblem, type ProblemDetails } from '#core/http/problem.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import { reportProvider, reportUnexpected } from '../failures.ts';
import type { LoadServices, Services } from '../services.ts';

export type HttpEvent = APIGatewayProxyEventV2;
type Result = APIGatewayProxyStructuredResultV2;

const requestIdPattern = /^[A-Za-z0-9._-]{1,128}$/;

/** The gateway writes header names in lower case; whoever calls a function without one may not. */
export function headerOf({ headers }: HttpEvent, name: string): string | undefined {
  const given = headers ?? {};
  return given[name] ?? Object.entries(given).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** The client's own id when it is sane, else the gateway's. */
export function requestIdOf(event: HttpEvent): string {
  const given = headerOf(event, 'x-request-id') ?? '';
  return requestIdPattern.test(given) ? given : event.requestContext.requestId;
}

/** How long a part is away is not known: a client that comes back too early is told again. */
const retryAfterSeconds = 5;

export const awayProblem = (message: string, details: ProblemDetails = {}): HttpProblem =>
  new HttpProblem(
    'service_unavailable',
    message,
    { retryAfterSeconds, ...details },
    { 'retry-after': String(retryAfterSeconds) },
  );

/** Whatever was thrown becomes an answer; what is not the client's mistake is reported. */
export function toProblem(error: unknown, requestId: string, telemetry: Telemetry | undefined): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (isProviderError(error)) {
    if (telemetry) reportProvider(telemetry, error);
    return awayProblem('A part of the service is away. Try again in a few seconds.');
  }
  if (telemetry) reportUnexpected(telemetry, error, requestId);
  return new HttpProblem(
    'internal_error',
    'Something went wrong on our side. The request id helps us to find it.',
  );
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function toResult({ status, contentType, body, headers: own = {} }: Answer, requestId: string): Result {
  const headers = {
    'x-request-id': requestId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...own,
  };
  if (status === 204) return { statusCode: status, headers };
  return { statusCode: status, headers: { 'content-type': contentType, ...headers }, body };
}

interface StackOptions {
  readonly load: LoadServices;
  readonly respond: (event: HttpEvent, services: Services) => Promise<Answer>;
  readonly problem: (problem: HttpProblem, requestId: string) => Omit<Answer, 'status'>;
}

export function httpStack({ load, respond, problem }: StackOptions) {
  return middy<HttpEvent, Result>()
    .onError(async (request) => {
      const requestId = requestIdOf(request.event);
      const telemetry = await telemetryOf(load);
      const found = toProblem(request.error, requestId, telemetry);
      telemetry?.flush();
      const { status, headers } = found;
      request.response = toResult({ status, headers, ...problem(found, requestId) }, requestId);
    })
    .handler(async (event) => {
      const services = await load();
      const answer = await respond(event, services);
      services.telemetry.flush();
      return toResult(answer, requestIdOf(event));
    });
}

/** The environment itself may be what is wrong. */
async function telemetryOf(load: LoadServices): Promise<Telemetry | undefined> {
  try {
    return (await load()).telemetry;
  } catch (error) {
    process.stdout.write(
      `${JSON.stringify({ level: 'error', msg: 'function.not-configured', problem: String((error as Error).message) })}\n`,
    );
    return undefined;
  }
}
