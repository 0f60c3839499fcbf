/** The three stacks every function stands on: `apiFunction`, `webhookFunction`, `jobFunction`. */
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type * as z from 'zod';
import { isSignedWebhook, type WebhookParameters } from '#adapters/twilio/request-signature.ts';
import { parseFormBody } from '#adapters/twilio/webhooks.ts';
import { isProviderError } from '#core/errors.ts';
import { parseFields } from '#core/http/input-problems.ts';
import { HttpProblem, problemBody } from '#core/http/problem.ts';
import type { Scope } from '#core/http/routes.ts';
import type { Telemetry } from '#core/ports/telemetry.ts';
import { rateRules } from '#core/rate-limits/rules.ts';
import type { RateRule } from '#core/rate-limits/sliding-window.ts';
import { reportProvider, reportUnexpected } from './failures.ts';
import { takeOrRefuse } from './rate-limits.ts';
import type { ApiKey, LoadServices, Services } from './services.ts';

type Event = APIGatewayProxyEventV2;
type Result = APIGatewayProxyStructuredResultV2;

/** A webhook of Twilio has about 2 KB. */
const bodyBytesMax = 64 * 1024;
const requestIdPattern = /^[A-Za-z0-9._-]{1,128}$/;
const formType = 'application/x-www-form-urlencoded';

/** The gateway writes header names in lower case; whoever calls a function without one may not. */
export function headerOf({ headers }: Event, name: string): string | undefined {
  const given = headers ?? {};
  return given[name] ?? Object.entries(given).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** The client's own id when it is sane, else the gateway's. */
function requestIdOf(event: Event): string {
  const given = headerOf(event, 'x-request-id') ?? '';
  return requestIdPattern.test(given) ? given : event.requestContext.requestId;
}

function formOf(event: Event): WebhookParameters {
  const type = headerOf(event, 'content-type') ?? formType;
  if (type.split(';', 1)[0]?.trim().toLowerCase() !== formType)
    throw new HttpProblem('unsupported_media_type', `Send the parameters as ${formType}.`);
  const body = event.body ?? '';
  const text = event.isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
  if (Buffer.byteLength(text) > bodyBytesMax)
    throw new HttpProblem('payload_too_large', `The body may have ${bodyBytesMax} bytes.`, {
      maxBytes: bodyBytesMax,
    });
  return parseFormBody(text);
}

/** Whatever was thrown becomes an answer; what is not the client's mistake is reported. */
function toProblem(error: unknown, requestId: string, telemetry: Telemetry | undefined): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (isProviderError(error)) {
    if (telemetry) reportProvider(telemetry, error);
    return new HttpProblem(
      'service_unavailable',
      'A part of the service is away. Try again in a few seconds.',
    );
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
  readonly respond: (event: Event, services: Services) => Promise<Answer>;
  readonly problem: (problem: HttpProblem, requestId: string) => Omit<Answer, 'status'>;
}

/** What both HTTP stacks share: one answer for whatever happens, with the request's id. */
function httpStack({ load, respond, problem }: StackOptions) {
  return middy<Event, Result>()
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

export interface WebhookRequest {
  readonly params: WebhookParameters;
  readonly query: Readonly<Record<string, string | undefined>>;
}

/** TwiML, or nothing to say. */
export type WebhookAnswer = { readonly twiml: string } | { readonly status: 204 };

/**
 * Only Twilio gets through: the signature covers the public URL and every parameter.
 *
 * @param whenFailed TwiML for a caller who is waiting while our own code fails; without it the answer is an error.
 */
export function webhookFunction(
  load: LoadServices,
  handle: (request: WebhookRequest, services: Services) => Promise<WebhookAnswer>,
  whenFailed?: () => string,
) {
  const handleSafely = async (event: Event, request: WebhookRequest, services: Services) => {
    try {
      return await handle(request, services);
    } catch (error) {
      if (whenFailed === undefined || error instanceof HttpProblem) throw error;
      toProblem(error, requestIdOf(event), services.telemetry);
      return { twiml: whenFailed() };
    }
  };
  return httpStack({
    load,
    problem: ({ message }) => ({ contentType: 'text/plain; charset=utf-8', body: message }),
    async respond(event, services) {
      const { clock, telemetry } = services;
      const startedAtMs = clock.nowMs();
      const params = formOf(event);
      checkSignature(event, params, services);
      const request = { params, query: event.queryStringParameters ?? {} };
      const answered = await handleSafely(event, request, services);
      telemetry.metric('WebhookMs', clock.nowMs() - startedAtMs);
      if ('status' in answered) return { status: answered.status, contentType: '', body: '' };
      return { status: 200, contentType: 'text/xml; charset=utf-8', body: answered.twiml };
    },
  });
}

/** The public address comes from the settings, never from a header that a client can write. */
function checkSignature(event: Event, params: WebhookParameters, services: Services): void {
  const { config, telemetry } = services;
  if (!services.isCarrierAddress(event.requestContext.http.sourceIp)) {
    telemetry.emit('warn', { msg: 'access.refused', what: 'webhook-address', reason: 'not-in-ranges' });
    throw new HttpProblem('forbidden', 'The request is not signed by Twilio for this address.');
  }
  const query = event.rawQueryString === '' ? '' : `?${event.rawQueryString}`;
  const url = `${config.PUBLIC_BASE_URL}${event.rawPath}${query}`;
  const signature = headerOf(event, 'x-twilio-signature');
  if (isSignedWebhook({ authTokens: config.TWILIO_AUTH_TOKEN, signature, url, params })) return;
  const reason = signature === undefined ? 'missing' : 'mismatch';
  telemetry.emit('warn', { msg: 'access.refused', what: 'webhook-signature', reason });
  throw new HttpProblem('forbidden', 'The request is not signed by Twilio for this address.');
}

export interface ApiRequest {
  readonly event: Event;
  readonly key: ApiKey | undefined;
  readonly requestId: string;
}

export interface ApiAnswer {
  readonly status: number;
  /** Written as JSON. */
  readonly body?: object;
  /** In place of `body`: anything else, with its type. */
  readonly text?: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Reading is limited by what is read; what is written has rules of its own. */
const readingRules: Partial<Record<Scope, RateRule>> = {
  'records:read': rateRules.recordsPerKey,
  'records:delete': rateRules.recordsPerKey,
  'costs:read': rateRules.costsPerKey,
};

async function limitReading(
  key: ApiKey | undefined,
  scope: Scope | undefined,
  services: Services,
): Promise<Readonly<Record<string, string>>> {
  const rule = scope === undefined ? undefined : readingRules[scope];
  if (rule === undefined || key === undefined) return {};
  return takeOrRefuse(services, { rule, subject: key.id, line: { keyId: key.id } });
}

/** @param scope what the key must be allowed; undefined lets anyone in. */
export function apiFunction(
  load: LoadServices,
  scope: Scope | undefined,
  handle: (request: ApiRequest, services: Services) => Promise<ApiAnswer>,
) {
  return httpStack({
    load,
    problem: (problem, requestId) => ({
      contentType: 'application/json',
      body: JSON.stringify(problemBody(problem, requestId)),
    }),
    async respond(event, services) {
      const key = scope === undefined ? undefined : checkKey(event, scope, services);
      const limits = await limitReading(key, scope, services);
      refuseRepeatedQuery(event);
      const answered = await handle({ event, key, requestId: requestIdOf(event) }, services);
      return {
        status: answered.status,
        contentType: answered.contentType ?? 'application/json',
        body: answered.text ?? (answered.body === undefined ? '' : JSON.stringify(answered.body)),
        headers: { ...limits, ...answered.headers },
      };
    },
  });
}

/** For the scheduler and for operators: only the secret of scheduled jobs gets through. */
export function cronFunction(
  load: LoadServices,
  handle: (request: ApiRequest, services: Services) => Promise<ApiAnswer>,
) {
  return apiFunction(load, undefined, (request, services) => {
    const token = bearerOf(request.event);
    if (token === undefined || !services.isCronSecret(token)) {
      const reason = token === undefined ? 'missing' : 'mismatch';
      services.telemetry.emit('warn', { msg: 'access.refused', what: 'cron-secret', reason });
      throw new HttpProblem('unauthorized', 'Send the secret as "Authorization: Bearer <secret>".');
    }
    return handle(request, services);
  });
}

const bearerOf = (event: Event): string | undefined =>
  /^Bearer (\S+)$/i.exec(headerOf(event, 'authorization') ?? '')?.[1];

/** The gateway joins repeated names with a comma: what is meant is anybody's guess. */
function refuseRepeatedQuery({ rawQueryString }: Event): void {
  const names = [...new URLSearchParams(rawQueryString).keys()];
  const repeated = [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
  if (repeated.length === 0) return;
  throw new HttpProblem('bad_request', 'Give each query parameter once.', {
    fields: repeated.map((name) => `${name.slice(0, 64)}: given more than once`),
  });
}

/** Which part of a refusal was wrong is for the log, not for the client. */
function checkKey(event: Event, scope: Scope, { findKey, telemetry }: Services): ApiKey {
  const token = bearerOf(event);
  const key = token === undefined ? undefined : findKey(token);
  if (key?.scopes.includes(scope)) return key;
  const reason = token === undefined ? 'missing' : key === undefined ? 'unknown-or-expired' : 'missing-scope';
  telemetry.emit('warn', { msg: 'access.refused', what: 'api-key', reason });
  if (key === undefined)
    throw new HttpProblem('unauthorized', 'Send a valid key as "Authorization: Bearer <key>".');
  throw new HttpProblem('forbidden', 'This key may not do that.');
}

/** Parses a part of the request by its schema; a problem names every field that is wrong. */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = parseFields(schema, input === undefined ? {} : input, 'body');
  if (parsed.ok) return parsed.data;
  const { fields } = parsed;
  throw new HttpProblem('bad_request', `The request is not right: ${fields.join('; ')}.`, { fields });
}

/** A scheduled job: a failure must reach the scheduler, which tries again. */
export function jobFunction<Outcome>(
  load: LoadServices,
  run: (services: Services, event: object) => Promise<Outcome>,
) {
  return middy<object, Outcome>().handler(async (event) => {
    const services = await load();
    try {
      return await run(services, event);
    } finally {
      services.telemetry.flush();
    }
  });
}
