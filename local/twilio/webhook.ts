/** Asks an application for TwiML, as Twilio does: signed, once, within 15 seconds. */
import { createHmac, randomUUID } from 'node:crypto';

/** Twilio waits this long for a voice webhook. */
const webhookTimeoutMs = 15_000;
const redirectsMax = 5;

export interface WebhookAnswer {
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly durationMs: number;
}

/** HMAC-SHA1 over the URL and the sorted parameters. */
export function signatureOf(
  authToken: string,
  url: string,
  params: Readonly<Record<string, string>>,
): string {
  const signed = Object.keys(params)
    .sort()
    .reduce((text, name) => `${text}${name}${params[name]}`, url);
  return createHmac('sha1', authToken).update(signed, 'utf8').digest('base64');
}

export interface WebhookRequest {
  readonly authToken: string;
  readonly url: string;
  readonly method: 'POST' | 'GET';
  readonly params: Readonly<Record<string, string>>;
}

/** Throws when there is no answer. A redirect is followed as a GET that has lost the parameters. */
export async function callWebhook(request: WebhookRequest): Promise<WebhookAnswer> {
  const startedAt = performance.now();
  const signal = AbortSignal.timeout(webhookTimeoutMs);
  let { url, method } = request;
  for (let redirects = 0; redirects <= redirectsMax; redirects += 1) {
    const params = redirects === 0 ? request.params : {};
    const target = method === 'GET' && redirects === 0 ? withQuery(url, params) : url;
    const response = await fetch(target, {
      method,
      redirect: 'manual',
      signal,
      headers: {
        'x-twilio-signature': signatureOf(request.authToken, target, method === 'GET' ? {} : params),
        'i-twilio-idempotency-token': randomUUID(),
        'user-agent': 'TwilioProxy/1.1',
        accept: '*/*',
        ...(method === 'GET' ? {} : { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }),
      },
      ...(method === 'GET' ? {} : { body: new URLSearchParams(params).toString() }),
    });
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location) {
      await response.arrayBuffer();
      url = new URL(location, url).toString();
      method = 'GET';
      continue;
    }
    return {
      url: target,
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      body: await response.text(),
      durationMs: Math.round(performance.now() - startedAt),
    };
  }
  throw new Error('Too many redirects');
}

function withQuery(url: string, params: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(params).toString();
  if (query === '') return url;
  return `${url}${url.includes('?') ? '&' : '?'}${query}`;
}
