/** `POST /call/outbound`: calls somebody, once per idempotency key. */
import * as z from 'zod';
import { idempotencyKeySchema, outboundAnswerSchema } from '#core/http/outbound.ts';
import { readJsonBody } from '../json-body.ts';
import { dial, type Order } from '../outbound/dial.ts';
import { fingerprintOf, once } from '../outbound/once.ts';
import { parseInput } from '../parse-input.ts';
import type { LoadServices, Services } from '../services.ts';
import {
  type ApiAnswer,
  refuseRepeatedQuery,
  replayingFunction,
  type UncountedRequest,
} from '../stacks/api-function.ts';
import { type HttpEvent, headerOf } from '../stacks/http-stack.ts';
import { wire } from '../wire.ts';

const headerSchema = z.object({ 'idempotency-key': idempotencyKeySchema.optional() });

export const createOutboundCall = (load: LoadServices) => replayingFunction(load, 'calls:write', orderCall);

/**
 * Whatever is asked takes one of the key's places before anything is looked up, so that nobody learns by orders that
 * are refused what else would be; only copies of an order that was taken are free.
 */
async function orderCall(request: UncountedRequest, services: Services): Promise<ApiAnswer> {
  const { event, requestId, counted } = request;
  const keyId = request.key.id;
  const read = readOrder(event);
  if (!read.ok) return counted(() => Promise.reject(read.problem));
  const { body, idempotencyKey } = read;
  const place = async (order: Pick<Order, 'ref' | 'attemptedSince'>): Promise<ApiAnswer> => {
    const answer = await dial({ ...order, keyId, body }, services);
    return { status: 201, body: answer };
  };
  if (idempotencyKey === undefined) return located(await counted(() => place({ ref: services.newNonce() })));
  const answer = await once(
    {
      id: services.pseudonym('request', `${keyId} ${idempotencyKey}`),
      fingerprint: fingerprintOf(body),
      requestId,
    },
    {
      counted,
      work: ({ ref, since }) => place({ ref, ...(since === undefined ? {} : { attemptedSince: since }) }),
    },
    services,
  );
  return located(answer);
}

const placedSchema = outboundAnswerSchema.pick({ callSid: true });

/** Where the call's record is; also with an answer that is given again. */
function located(answer: ApiAnswer): ApiAnswer {
  const { data: placed } = placedSchema.safeParse(answer.body);
  if (placed === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, location: `/records/${placed.callSid}` } };
}

type ReadOrder =
  | { readonly ok: true; readonly body: unknown; readonly idempotencyKey: string | undefined }
  | { readonly ok: false; readonly problem: unknown };

function readOrder(event: HttpEvent): ReadOrder {
  try {
    refuseRepeatedQuery(event);
    const body = readJsonBody({ event, contentType: headerOf(event, 'content-type') });
    const given = { 'idempotency-key': headerOf(event, 'idempotency-key') };
    return { ok: true, body, idempotencyKey: parseInput(headerSchema, given)['idempotency-key'] };
  } catch (problem) {
    return { ok: false, problem };
  }
}

export const handler = createOutboundCall(wire);
