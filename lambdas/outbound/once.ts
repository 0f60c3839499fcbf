/** One answer per idempotency key: the work is done by whoever comes first, everybody else gets its answer. */
import { createHash } from 'node:crypto';
import { HttpProblem, problemBody } from '#core/http/problem.ts';
import type { StoredAnswer } from '#core/ports/idempotency.ts';
import { reportProviderOrThrow } from '../failures.ts';
import type { Services } from '../services.ts';
import type { ApiAnswer } from '../stacks/api-function.ts';

export interface OnceRequest {
  /** Key and client together. */
  readonly id: string;
  readonly fingerprint: string;
  readonly requestId: string;
}

export interface Attempt {
  readonly ref: string;
  /** An earlier attempt may have done the work, since then. */
  readonly since?: Date;
}

export const fingerprintOf = (body: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(body)))
    .digest('hex');

/** The same members in another order are the same request. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, member]) => [name, sorted(member)] as const);
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Mistakes of the request itself: the same request will make them again. */
const isReplayed = (error: unknown): error is HttpProblem =>
  error instanceof HttpProblem && error.status === 400;

export interface OnceWork {
  /** For everything but copies of an order that was taken: they are free. */
  readonly counted: (work: () => Promise<ApiAnswer>) => Promise<ApiAnswer>;
  readonly work: (attempt: Attempt) => Promise<ApiAnswer>;
}

export async function once(
  request: OnceRequest,
  { counted, work }: OnceWork,
  services: Services,
): Promise<ApiAnswer> {
  const { idempotency } = services;
  const begun = await idempotency.begin(request.id, request.fingerprint);
  if (begun.is === 'done') return again(begun.answer, request);
  // Copies must not use up the places of the one that they are copies of; they learn nothing that it does not know.
  if (begun.is === 'running') throw conflicts.running();
  if (begun.is === 'other-request') return counted(() => Promise.reject(conflicts['other-request']()));
  const { ref, owner } = begun;
  const keep = (answer: StoredAnswer) =>
    safely(services, () => idempotency.complete(request.id, owner, answer));
  try {
    const since = begun.is === 'again' ? { since: begun.since } : {};
    const answer = await counted(() => work({ ref, ...since }));
    await keep({ status: answer.status, body: JSON.stringify(answer.body ?? {}) });
    return answer;
  } catch (error) {
    if (isReplayed(error))
      await keep({ status: error.status, body: JSON.stringify(problemBody(error, request.requestId)) });
    else {
      const unclear = begun.is === 'again' || isUnclear(error);
      await safely(services, () =>
        idempotency.release(request.id, owner, unclear ? 'unclear' : 'nothing-done'),
      );
    }
    throw error;
  }
}

/** Our own mistakes may have happened after the call was placed. */
const isUnclear = (error: unknown): boolean =>
  error instanceof HttpProblem ? error.code === 'call_state_unknown' : true;

const conflicts = {
  running: () =>
    new HttpProblem(
      'request_in_progress',
      'A request with this Idempotency-Key is being worked on. Ask again in a few seconds.',
      { retryAfterSeconds: 2 },
      { 'retry-after': '2' },
    ),
  'other-request': () =>
    new HttpProblem(
      'idempotency_key_reused',
      'This Idempotency-Key came with another body before. Use a new key for a new request.',
    ),
};

function again({ status, body }: StoredAnswer, { requestId }: OnceRequest): ApiAnswer {
  const parsed = JSON.parse(body) as object;
  return {
    status,
    body: 'requestId' in parsed ? { ...parsed, requestId } : parsed,
    headers: { 'x-idempotent-replay': 'true' },
  };
}

/** A memory that goes away now leaves its lock, which runs out: the next request then looks before it dials. */
async function safely({ telemetry }: Services, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    reportProviderOrThrow(telemetry, error);
  }
}
