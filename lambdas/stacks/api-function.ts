/** `apiFunction` and `cronFunction`: whoever brings the right key, or the secret of scheduled jobs. */
import { keyRules } from '#core/http/key-limits.ts';
import { HttpProblem, problemBody } from '#core/http/problem.ts';
import type { Scope } from '#core/http/routes.ts';
import { type Taking, takeThen } from '../rate-limits.ts';
import type { ApiKey, LoadServices, Services } from '../services.ts';
import { type HttpEvent, headerOf, httpStack, requestIdOf } from './http-stack.ts';

export interface ApiRequest {
  readonly event: HttpEvent;
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

type Handle<R> = (request: R, services: Services) => Promise<ApiAnswer>;

function answering(
  load: LoadServices,
  respond: (event: HttpEvent, services: Services) => Promise<ApiAnswer>,
) {
  return httpStack({
    load,
    problem: (problem, requestId) => ({
      contentType: 'application/json',
      body: JSON.stringify(problemBody(problem, requestId)),
    }),
    async respond(event, services) {
      const { status, headers, contentType, text, body } = await respond(event, services);
      return {
        status,
        contentType: contentType ?? 'application/json',
        body: text ?? (body === undefined ? '' : JSON.stringify(body)),
        ...(headers === undefined ? {} : { headers }),
      };
    },
  });
}

/** @param scope what the key must be allowed; undefined lets anyone in, uncounted. */
export function apiFunction(load: LoadServices, scope: Scope | undefined, handle: Handle<ApiRequest>) {
  return answering(load, (event, services) => {
    const key = scope === undefined ? undefined : checkKey(event, scope, services);
    const work = async () => {
      refuseRepeatedQuery(event);
      return handle({ event, key, requestId: requestIdOf(event) }, services);
    };
    if (scope === undefined || key === undefined) return work();
    return takeThen(services, ofKey(key, scope), work);
  });
}

export interface UncountedRequest extends ApiRequest {
  readonly key: ApiKey;
  /** Takes one of the key's places before `work`, whatever becomes of it. */
  readonly counted: (work: () => Promise<ApiAnswer>) => Promise<ApiAnswer>;
}

/** For who gives answers again, which are free: `handle` counts everything else itself. */
export function replayingFunction(load: LoadServices, scope: Scope, handle: Handle<UncountedRequest>) {
  return answering(load, async (event, services) => {
    const key = checkKey(event, scope, services);
    const counted = (work: () => Promise<ApiAnswer>) => takeThen(services, ofKey(key, scope), work);
    return handle({ event, key, requestId: requestIdOf(event), counted }, services);
  });
}

const ofKey = ({ id }: ApiKey, scope: Scope): Taking => ({
  rule: keyRules[scope],
  subject: id,
  line: { keyId: id },
});

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

const bearerOf = (event: HttpEvent): string | undefined =>
  /^Bearer (\S+)$/i.exec(headerOf(event, 'authorization') ?? '')?.[1];

/** The gateway joins repeated names with a comma: what is meant is anybody's guess. */
export function refuseRepeatedQuery({ rawQueryString }: HttpEvent): void {
  const names = [...new URLSearchParams(rawQueryString).keys()];
  const repeated = [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
  if (repeated.length === 0) return;
  throw new HttpProblem('bad_request', 'Give each query parameter once.', {
    fields: repeated.map((name) => `${name.slice(0, 64)}: given more than once`),
  });
}

/** Which part of a refusal was wrong is for the log, not for the client. */
function checkKey(event: HttpEvent, scope: Scope, { findKey, telemetry }: Services): ApiKey {
  const token = bearerOf(event);
  const key = token === undefined ? undefined : findKey(token);
  if (key?.scopes.includes(scope)) return key;
  const reason = token === undefined ? 'missing' : key === undefined ? 'unknown-or-expired' : 'missing-scope';
  telemetry.emit('warn', { msg: 'access.refused', what: 'api-key', reason });
  if (key === undefined)
    throw new HttpProblem('unauthorized', 'Send a valid key as "Authorization: Bearer <key>".');
  throw new HttpProblem('forbidden', 'This key may not do that.');
}
