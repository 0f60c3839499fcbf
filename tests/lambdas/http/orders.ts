/** Orders of outbound calls, and what can go wrong with them. */
import { ProviderError } from '#core/errors.ts';
import type { CallSid } from '#core/ids.ts';
import { createOutboundCall } from '#lambdas/http/outbound-call.ts';
import { type Answer, gatewayEvent, invoke, keys, type TestFunctions } from '#tests/lambdas/functions.ts';

export const order = { to: '+14155550100', role: 'advocate' };
export const firstSid = 'CA00000000000000000000000000000001' as CallSid;

export interface Parts {
  readonly body?: unknown;
  readonly raw?: string;
  readonly key?: string;
  readonly idempotencyKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function request({ body = order, raw, key = keys.calling, idempotencyKey, headers }: Parts = {}) {
  return gatewayEvent({
    method: 'POST',
    path: '/call/outbound',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...headers,
    },
    body: raw ?? JSON.stringify(body),
  });
}

export const call = (functions: TestFunctions, parts?: Parts): Promise<Answer> =>
  invoke(createOutboundCall(functions.load), request(parts));

export const codeOf = (answer: Answer) => (answer.json as { error: { code: string } }).error.code;

export const lostDatabase = new ProviderError('The database failed', {
  provider: 'dynamodb',
  failure: 'unavailable',
});
export const carrierError = (
  failure: ConstructorParameters<typeof ProviderError>[1]['failure'],
  code: string,
  retryAfterMs?: number,
) =>
  new ProviderError('Twilio refused a request', {
    provider: 'twilio',
    failure,
    code,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
