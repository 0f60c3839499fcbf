/** `webhookFunction`: only Twilio gets through. */
import { isSignedWebhook, type WebhookParameters } from '#adapters/twilio/request-signature.ts';
import { parseFormBody } from '#adapters/twilio/webhooks.ts';
import { HttpProblem } from '#core/http/problem.ts';
import type { LoadServices, Services } from '../services.ts';
import { type HttpEvent, headerOf, httpStack, requestIdOf, toProblem } from './http-stack.ts';

/** A webhook of Twilio has about 2 KB. */
const bodyBytesMax = 64 * 1024;
const formType = 'application/x-www-form-urlencoded';

export interface WebhookRequest {
  readonly params: WebhookParameters;
  readonly query: Readonly<Record<string, string | undefined>>;
}

/** TwiML, or nothing to say. */
export type WebhookAnswer = { readonly twiml: string } | { readonly status: 204 };

/**
 * Only Twilio gets through: the signature covers the public URL and every parameter.
 *
 * @param whenFailed TwiML for a caller who is waiting while our own code fails; without it the answer is an error.
 */
export function webhookFunction(
  load: LoadServices,
  handle: (request: WebhookRequest, services: Services) => Promise<WebhookAnswer>,
  whenFailed?: () => string,
) {
  const handleSafely = async (event: HttpEvent, request: WebhookRequest, services: Services) => {
    try {
      return await handle(request, services);
    } catch (error) {
      if (whenFailed === undefined || error instanceof HttpProblem) throw error;
      toProblem(error, requestIdOf(event), services.telemetry);
      return { twiml: whenFailed() };
    }
  };
  return httpStack({
    load,
    problem: ({ message }) => ({ contentType: 'text/plain; charset=utf-8', body: message }),
    async respond(event, services) {
      const { clock, telemetry } = services;
      const startedAtMs = clock.nowMs();
      const params = formOf(event);
      checkSignature(event, params, services);
      const request = { params, query: event.queryStringParameters ?? {} };
      const answered = await handleSafely(event, request, services);
      telemetry.metric('WebhookMs', clock.nowMs() - startedAtMs);
      if ('status' in answered) return { status: answered.status, contentType: '', body: '' };
      return { status: 200, contentType: 'text/xml; charset=utf-8', body: answered.twiml };
    },
  });
}

/** The public address comes from the settings, never from a header that a client can write. */
function checkSignature(event: HttpEvent, params: WebhookParameters, services: Services): void {
  const { config, telemetry } = services;
  if (!services.isCarrierAddress(event.requestContext.http.sourceIp)) {
    telemetry.emit('warn', { msg: 'access.refused', what: 'webhook-address', reason: 'not-in-ranges' });
    throw new HttpProblem('forbidden', 'The request is not signed by Twilio for this address.');
  }
  const query = event.rawQueryString === '' ? '' : `?${event.rawQueryString}`;
  const url = `${config.PUBLIC_BASE_URL}${event.rawPath}${query}`;
  const signature = headerOf(event, 'x-twilio-signature');
  if (isSignedWebhook({ authTokens: config.TWILIO_AUTH_TOKEN, signature, url, params })) return;
  const reason = signature === undefined ? 'missing' : 'mismatch';
  telemetry.emit('warn', { msg: 'access.refused', what: 'webhook-signature', reason });
  throw new HttpProblem('forbidden', 'The request is not signed by Twilio for this address.');
}

function formOf(event: HttpEvent): WebhookParameters {
  const type = headerOf(event, 'content-type') ?? formType;
  if (type.split(';', 1)[0]?.trim().toLowerCase() !== formType)
    throw new HttpProblem('unsupported_media_type', `Send the parameters as ${formType}.`);
  const body = event.body ?? '';
  const text = event.isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
  if (Buffer.byteLength(text) > bodyBytesMax)
    throw new HttpProblem('payload_too_large', `The body may have ${bodyBytesMax} bytes.`, {
      maxBytes: bodyBytesMax,
    });
  return parseFormBody(text);
}
