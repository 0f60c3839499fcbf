/** `POST /call/outbound`: calls somebody, once per idempotency key. */
import * as z from 'zod';
import { idempotencyKeySchema } from '#core/http/outbound.ts';
import { readJsonBody } from '../json-body.ts';
import { dial, type Order } from '../outbound/dial.ts';
import { fingerprintOf, once } from '../outbound/once.ts';
import { parseInput } from '../parse-input.ts';
import type { LoadServices, Services } from '../services.ts';
import { type ApiAnswer, type ApiRequest, apiFunction } from '../stacks/api-function.ts';
import { headerOf } from '../stacks/http-stack.ts';
import { wire } from '../wire.ts';

const headerSchema = z.object({ 'idempotency-key': idempotencyKeySchema });

export const createOutboundCall = (load: LoadServices) => apiFunction(load, 'calls:write', orderCall);

async function orderCall({ event, key, requestId }: ApiRequest, services: Services): Promise<ApiAnswer> {
  const keyId = key?.id ?? '';
  const body = readJsonBody({ event, contentType: headerOf(event, 'content-type') });
  const place = async (order: Pick<Order, 'ref' | 'attemptedSince'>): Promise<ApiAnswer> => {
    const { answer, headers } = await dial({ ...order, keyId, body }, services);
    return { status: 201, body: answer, headers: { ...headers, location: `/records/${answer.callSid}` } };
  };
  const given = headerOf(event, 'idempotency-key');
  if (given === undefined) return place({ ref: services.newNonce() });
  const { 'idempotency-key': idempotencyKey } = parseInput(headerSchema, { 'idempotency-key': given });
  return once(
    {
      id: services.pseudonym('request', `${keyId} ${idempotencyKey}`),
      fingerprint: fingerprintOf(body),
      requestId,
    },
    ({ ref, since }) => place({ ref, ...(since === undefined ? {} : { attemptedSince: since }) }),
    services,
  );
}

export const handler = createOutboundCall(wire);
