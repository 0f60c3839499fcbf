/** One webhook request as Twilio makes it: signed, bounded in time, retried as the address asks for. */
import { randomUUID } from 'node:crypto';
import { codes, TwilioFailure } from './failure.ts';
import { type HttpAnswer, sendHttp } from './http-request.ts';
import { type ExchangeSettings, placeOf } from './settings.ts';
import { type Parameters, signatureOf } from './signature.ts';
import { policyOf, type WebhookPolicy } from './webhook-policy.ts';

const redirectsMax = 5;

export interface WebhookRequest {
  readonly authToken: string;
  /** Absolute; a fragment holds connection overrides and is neither sent nor signed. */
  readonly url: string;
  readonly method: 'POST' | 'GET';
  readonly params: Parameters;
  readonly origins?: ExchangeSettings['origins'];
}

export interface WebhookAnswer {
  /** Where the answer came from, after redirects. */
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly attempts: number;
}

/**
 * Throws `TwilioFailure` (11200) when there is no answer within the limits. Any HTTP status is an answer.
 * A 301 or 302 is followed as a GET that has lost the parameters.
 */
export async function callWebhook(request: WebhookRequest): Promise<WebhookAnswer> {
  const { url, policy } = policyOf(request.url);
  const deadline = AbortSignal.timeout(policy.totalTimeoutMs);
  // The same for every attempt: by it the application knows a repetition.
  const idempotencyToken = randomUUID();
  let failure: unknown;
  for (let attempt = 1; attempt <= policy.retriesMax + 1 && !deadline.aborted; attempt += 1) {
    try {
      const { answer, from } = await follow({ ...request, url }, policy, idempotencyToken, deadline);
      if (attempt <= policy.retriesMax && policy.retriesStatus(answer.status)) continue;
      return { ...answer, url: from, attempts: attempt };
    } catch (error) {
      failure = error;
      if (!policy.retriesFailure(error)) break;
    }
  }
  const reason = failure instanceof Error ? failure.message : 'no attempt was left';
  throw new TwilioFailure(codes.fetchFailed, `No answer from ${withoutQuery(url)}: ${reason}`);
}

async function follow(
  request: WebhookRequest,
  policy: WebhookPolicy,
  idempotencyToken: string,
  deadline: AbortSignal,
): Promise<{ readonly answer: HttpAnswer; readonly from: string }> {
  let { method, params } = request;
  let url = method === 'GET' ? withParameters(request.url, params) : request.url;
  for (let redirects = 0; redirects <= redirectsMax; redirects += 1) {
    const answer = await sendHttp({
      url: placeOf(url, request.origins),
      method,
      headers: headersOf(request.authToken, url, method, params, idempotencyToken),
      body: method === 'POST' ? new URLSearchParams(params).toString() : undefined,
      connectTimeoutMs: policy.connectTimeoutMs,
      readTimeoutMs: policy.readTimeoutMs,
      signal: deadline,
    });
    if (!(answer.status === 301 || answer.status === 302) || answer.location === undefined)
      return { answer, from: url };
    url = new URL(answer.location, url).toString();
    method = 'GET';
    params = {};
  }
  throw new Error(`more than ${redirectsMax} redirects`);
}

function headersOf(
  authToken: string,
  url: string,
  method: WebhookRequest['method'],
  params: Parameters,
  idempotencyToken: string,
): Record<string, string> {
  return {
    'X-Twilio-Signature': signatureOf(authToken, url, method === 'POST' ? params : {}),
    'I-Twilio-Idempotency-Token': idempotencyToken,
    'User-Agent': 'TwilioProxy/1.1',
    Accept: '*/*',
    ...(method === 'POST' && { 'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8' }),
  };
}

function withParameters(url: string, params: Parameters): string {
  const query = new URLSearchParams(params).toString();
  if (query === '') return url;
  return `${url}${url.includes('?') ? '&' : '?'}${query}`;
}

/** A query may hold what nobody should read in a log. */
const withoutQuery = (url: string): string => url.split('?')[0] ?? url;
