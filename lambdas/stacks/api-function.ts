/** `apiFunction` and `cronFunction`: whoever brings the right key, or the secret of scheduled jobs. */
import { HttpProblem, problemBody } from '#core/http/problem.ts';
import type { Scope } from '#core/http/routes.ts';
import { rateRules } from '#core/rate-limits/rules.ts';
import type { RateRule } from '#core/rate-limits/sliding-window.ts';
import { takeOrRefuse } from '../rate-limits.ts';
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

const bearerOf = (event: HttpEvent): string | undefined =>
  /^Bearer (\S+)$/i.exec(headerOf(event, 'authorization') ?? '')?.[1];

/** The gateway joins repeated names with a comma: what is meant is anybody's guess. */
function refuseRepeatedQuery({ rawQueryString }: HttpEvent): void {
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
