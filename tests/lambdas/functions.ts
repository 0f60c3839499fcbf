/** Requests as API Gateway hands them over, services as the functions get them, and what they wrote. */

import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { digestApiKey, findApiKey } from '#adapters/crypto/api-keys.ts';
import { createKeyedHash } from '#adapters/crypto/keyed-hash.ts';
import { createStreamTokens } from '#adapters/crypto/stream-tokens.ts';
import { numberFacts } from '#adapters/phone-numbers/number-facts.ts';
import { signWebhook } from '#adapters/twilio/request-signature.ts';
import { createBudgetGuard } from '#core/costs/budget-guard.ts';
import { scopes } from '#core/http/routes.ts';
import type { CarrierCall, CarrierCalls } from '#core/ports/carrier-calls.ts';
import type { MetricName, Telemetry } from '#core/ports/telemetry.ts';
import { createLocalLimiter } from '#core/rate-limits/local-limiter.ts';
import { parseConfig } from '#lambdas/config.ts';
import { reportProviderOrThrow } from '#lambdas/failures.ts';
import type { Services } from '#lambdas/services.ts';
import { createSourceCheck } from '#lambdas/source-address.ts';
import { createLambdaContext } from '#local/http/lambda-context.ts';
import { createInMemoryAlertStore, createInMemoryBudgetStore } from '#tests/support/budgets.ts';
import { createInMemoryCallStore } from '#tests/support/in-memory-call-store.ts';
import { createInMemoryCallerGate } from '#tests/support/in-memory-caller-gate.ts';
import { createInMemoryCostStore } from '#tests/support/in-memory-cost-store.ts';
import {
  createInMemoryConducts,
  createInMemoryConsents,
  createInMemoryIdempotency,
  createInMemoryOutboundPlans,
  createScriptedCarrier,
  type ScriptedCarrier,
} from '#tests/support/in-memory-outbound.ts';
import { createVirtualClock, type VirtualClock } from '#tests/support/virtual-clock.ts';

export const authToken = '0123456789abcdef0123456789abcdef';
export const publicBaseUrl = 'https://voice.example.com';

export const environment = {
  STAGE: 'dev',
  SERVICE_VERSION: '1.2.3',
  PUBLIC_BASE_URL: publicBaseUrl,
  MEDIA_BASE_URL: 'wss://media.example.com',
  TWILIO_AUTH_TOKEN: authToken,
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_PHONE_NUMBER: '+18005550199',
  STREAM_TOKEN_SECRET: 'stream secret',
  PHONE_HASH_KEY: 'hash key',
  CURSOR_SECRET: 'cursor secret',
  CALLS_TABLE: 'calls',
  COSTS_TABLE: 'costs',
  LIMITS_TABLE: 'limits',
  CONSENTS_TABLE: 'consents',
};

export const cronSecret = 'cron-secret';

export const keys = {
  everything: 'key-for-everything',
  calling: 'key-for-calling',
  reading: 'key-for-reading',
  deleting: 'key-for-deleting',
  expired: 'key-that-expired',
} as const;

const knownKeys = [
  { id: 'everything', sha256: digestApiKey(keys.everything), scopes },
  { id: 'calling', sha256: digestApiKey(keys.calling), scopes: ['calls:write'] },
  { id: 'reading', sha256: digestApiKey(keys.reading), scopes: ['records:read'] },
  { id: 'deleting', sha256: digestApiKey(keys.deleting), scopes: ['records:delete'] },
  { id: 'expired', sha256: digestApiKey(keys.expired), scopes, expiresAt: '2026-11-21T11:59:59Z' },
];

export type Line = { readonly level: string; readonly msg: string } & Readonly<Record<string, unknown>>;

export interface TestFunctions {
  readonly services: Services;
  readonly clock: VirtualClock;
  readonly load: () => Promise<Services>;
  readonly lines: readonly Line[];
  readonly metrics: readonly (readonly [MetricName, number])[];
  readonly blocked: Set<string>;
  /** The carrier's side of calls that are placed, changed and ended. */
  readonly carrier: ScriptedCarrier;
  flushes(): number;
  lastLine(msg: string): Line | undefined;
}

/** @param options.variables over those of `environment`; `store` and others in place of the usual ones. */
export function testFunctions(
  options: {
    readonly variables?: Readonly<Record<string, string>>;
    readonly services?: Partial<Services>;
  } = {},
): TestFunctions {
  const config = parseConfig({ ...environment, ...options.variables });
  const clock = createVirtualClock();
  const lines: Line[] = [];
  const metrics: [MetricName, number][] = [];
  const blocked = new Set<string>();
  let flushes = 0;
  let nonces = 0;
  const calls = createInMemoryCallStore({ now: () => clock.now() });
  const budgets = options.services?.budgets ?? createInMemoryBudgetStore();
  const alerts = options.services?.alerts ?? createInMemoryAlertStore();
  const telemetry: Telemetry = {
    emit: (level, line) => lines.push({ level, ...line } as Line),
    log: (level, line) => lines.push({ level, ...line }),
    metric: (name, value) => metrics.push([name, value]),
    flush: () => {
      flushes += 1;
    },
  };
  const conducts = createInMemoryConducts();
  const carrier = createScriptedCarrier(() => clock.now());
  const local = createLocalLimiter(() => clock.now().getTime());
  const hash = createKeyedHash(config.PHONE_HASH_KEY);
  const services: Services = {
    config,
    clock,
    telemetry,
    store: calls,
    costs: createInMemoryCostStore(calls),
    budgets,
    alerts,
    usageReports: [],
    carrierCalls: carrierCallsOf(),
    budgetGuard: createBudgetGuard({
      settings: config.BUDGETS,
      budgets,
      alerts,
      clock,
      telemetry,
      onFailure: (error) => reportProviderOrThrow(telemetry, error),
    }),
    blockList: { isBlocked: async (hash) => blocked.has(hash) },
    callerGate: createInMemoryCallerGate({ local, conducts, isBlocked: (hash) => blocked.has(hash) }),
    streamTokens: createStreamTokens({ secrets: config.STREAM_TOKEN_SECRET }),
    limiter: { take: async (rule, subject) => local.take(rule, subject) },
    consents: createInMemoryConsents(),
    conducts,
    isCarrierAddress: createSourceCheck(config.TWILIO_SOURCE_RANGES),
    idempotency: createInMemoryIdempotency(() => clock.now()),
    outboundPlans: createInMemoryOutboundPlans(),
    outboundCalls: carrier.outboundCalls,
    telephony: carrier.telephony,
    numberFacts: async (number) => numberFacts(number),
    hashNumber: hash,
    pseudonym: (kind, value) => hash(`${kind} ${value}`),
    newNonce: () => {
      nonces += 1;
      return `nonce-nonce-nonce-${nonces}`;
    },
    isCronSecret: (token) => token === cronSecret,
    findKey: (token) => findApiKey(knownKeys, token, clock.now()),
    ...options.services,
  };
  return {
    services,
    clock,
    load: async () => services,
    lines,
    metrics,
    blocked,
    carrier,
    flushes: () => flushes,
    lastLine: (msg) => lines.findLast((line) => line.msg === msg),
  };
}

/** A carrier that has carried these calls, whenever it is asked. */
export const carrierCallsOf = (...calls: CarrierCall[]): CarrierCalls => ({
  async *ofDay() {
    yield calls;
  },
});

export interface RequestParts {
  readonly method?: string;
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly base64?: boolean;
}

/** Payload format 2.0, as in AWS's documentation of HTTP APIs. */
export function gatewayEvent(parts: RequestParts): APIGatewayProxyEventV2 {
  const { method = 'GET', path, query = '', headers = {}, pathParameters, body, base64 = false } = parts;
  const parameters = Object.fromEntries(new URLSearchParams(query));
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: query,
    headers: { host: 'abc.execute-api.us-east-1.amazonaws.com', 'x-forwarded-proto': 'https', ...headers },
    ...(query === '' ? {} : { queryStringParameters: parameters }),
    requestContext: {
      accountId: '123456789012',
      apiId: 'abc',
      domainName: 'abc.execute-api.us-east-1.amazonaws.com',
      domainPrefix: 'abc',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'TwilioProxy/1.1' },
      requestId: 'gateway-request-id',
      routeKey: `${method} ${path}`,
      stage: '$default',
      time: '21/Nov/2026:12:00:00 +0000',
      timeEpoch: Date.parse('2026-11-21T12:00:00Z'),
    },
    ...(pathParameters === undefined ? {} : { pathParameters: { ...pathParameters } }),
    ...(body === undefined ? {} : { body: base64 ? Buffer.from(body).toString('base64') : body }),
    isBase64Encoded: body !== undefined && base64,
  };
}

export interface WebhookParts {
  readonly path: string;
  readonly query?: string;
  readonly params: Readonly<Record<string, string>>;
  /** Another token, URL or none at all; what Twilio would sign by default. */
  readonly signedWith?: string;
  readonly signedUrl?: string;
  readonly signature?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly base64?: boolean;
}

/** A form post of Twilio, which the gateway hands over in base64. */
export function webhookEvent(parts: WebhookParts): APIGatewayProxyEventV2 {
  const { path, query = '', params, signedWith = authToken, signature, headers = {}, base64 = true } = parts;
  const url = parts.signedUrl ?? `${publicBaseUrl}${path}${query === '' ? '' : `?${query}`}`;
  const signed = signature === undefined ? signWebhook(signedWith, url, params) : signature;
  return gatewayEvent({
    method: 'POST',
    path,
    query,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      ...(signed === null ? {} : { 'x-twilio-signature': signed }),
      ...headers,
    },
    body: new URLSearchParams(params).toString(),
    base64,
  });
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body as JSON. */
  readonly json: never;
}

type Handler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

export async function invoke(handler: unknown, event: APIGatewayProxyEventV2): Promise<Answer> {
  const context = createLambdaContext({ functionName: 'test', requestId: 'lambda-id', timeoutMs: 5_000 });
  const result = await (handler as Handler)(event, context);
  const body = result.body ?? '';
  return {
    status: result.statusCode ?? 0,
    headers: result.headers as Record<string, string>,
    body,
    get json() {
      return JSON.parse(body) as never;
    },
  };
}
