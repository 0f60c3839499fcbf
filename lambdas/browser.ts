/** Requests of web pages: from our pages only, told who may read the answer, with the visitor as a hash. */
import { addressGroup } from '#core/abuse/address-group.ts';
import { HttpProblem } from '#core/http/problem.ts';
import { readJsonBody } from './json-body.ts';
import type { LoadServices, Services } from './services.ts';
import { type ApiAnswer, type ApiRequest, apiFunction } from './stacks/api-function.ts';
import { headerOf } from './stacks/http-stack.ts';

/** A browser asks before it posts JSON; it need not ask again for ten minutes. */
const preflightSecs = 600;

export interface BrowserRequest extends ApiRequest {
  readonly body: unknown;
  readonly ipHash: string;
  readonly userAgent: string;
}

export function browserFunction(
  load: LoadServices,
  handle: (request: BrowserRequest, services: Services) => Promise<ApiAnswer>,
) {
  return apiFunction(load, undefined, async (request, services) => {
    const { event } = request;
    const origin = allowedOrigin(headerOf(event, 'origin'), services);
    const { method, sourceIp } = event.requestContext.http;
    if (method === 'OPTIONS') return { status: 204, headers: { ...cors(origin), ...preflight } };
    const ipHash = services.pseudonym('ip', addressGroup(sourceIp));
    const userAgent = (headerOf(event, 'user-agent') ?? '').slice(0, 256);
    try {
      const body = readJsonBody({ event, contentType: headerOf(event, 'content-type') });
      const answer = await handle({ ...request, body, ipHash, userAgent }, services);
      return { ...answer, headers: { ...answer.headers, ...cors(origin) } };
    } catch (error) {
      // A page may read why it was refused.
      if (!(error instanceof HttpProblem)) throw error;
      throw new HttpProblem(error.code, error.message, error.details, { ...error.headers, ...cors(origin) });
    }
  });
}

const cors = (origin: string) => ({
  'access-control-allow-origin': origin,
  'access-control-expose-headers': 'retry-after, x-request-id',
  vary: 'Origin',
});

const preflight = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'content-type, x-request-id',
  'access-control-max-age': String(preflightSecs),
};

/** Every browser names the page's origin with a POST; whoever names none is not a page. */
function allowedOrigin(origin: string | undefined, { config, telemetry }: Services): string {
  const allowed = config.WEB_ORIGINS ?? [new URL(config.PUBLIC_BASE_URL).origin];
  if (origin !== undefined && allowed.includes(origin)) return origin;
  const reason = origin === undefined ? 'missing' : 'not-allowed';
  telemetry.emit('warn', { msg: 'access.refused', what: 'origin', reason });
  throw new HttpProblem('forbidden', 'This page may not do that.');
}
