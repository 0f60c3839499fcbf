/**
 * Is this request really from Twilio? Webhooks and the stream's upgrade carry `X-Twilio-Signature`.
 * Source: Twilio, "Webhooks Security"; comparison and URL variants by twilio-node's validator.
 */
import {
  getExpectedTwilioSignature,
  validateRequest,
  validateRequestWithBody,
} from 'twilio/lib/webhooks/webhooks.js';

/** Form parameters as sent; a name sent several times has all its values. */
export type WebhookParameters = Readonly<Record<string, string | readonly string[]>>;

interface Signed {
  /** The account's auth tokens; during a rotation two are valid. */
  readonly authTokens: readonly string[];
  readonly signature: string | undefined;
  /** The URL exactly as Twilio called it: public origin, path, query in its original order and encoding. */
  readonly url: string;
}

/** Never throws. Form posts give `params` (none for GET), JSON posts `rawBody`. */
export function isSignedWebhook(
  request: Signed & ({ readonly params: WebhookParameters } | { readonly rawBody: string }),
): boolean {
  const { authTokens, signature, url } = request;
  if (signature === undefined || signature === '' || !URL.canParse(url)) return false;
  return authTokens.some((authToken) =>
    'rawBody' in request
      ? validateRequestWithBody(authToken, signature, url, request.rawBody)
      : validateRequest(authToken, signature, url, mutableCopy(request.params)),
  );
}

/**
 * The upgrade is signed over the `wss://` URL without parameters. twilio-node takes 80 for the default port of
 * `wss`, so the form with `:443` is tried by its own. Never throws.
 */
export function isSignedUpgrade({ authTokens, signature, url }: Signed): boolean {
  if (signature === undefined || signature === '' || !URL.canParse(url)) return false;
  return authTokens.some((authToken) =>
    urlForms(url).some((form) => validateRequest(authToken, signature, form, {})),
  );
}

function urlForms(url: string): readonly string[] {
  const parsed = new URL(url);
  if (parsed.protocol !== 'wss:' || parsed.port !== '') return [url];
  return [url, url.replace(/^(wss:\/\/[^/?#]+)/i, '$1:443')];
}

function mutableCopy(params: WebhookParameters): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}

/** What Twilio would sign: for simulated carriers and for our own canary. */
export function signWebhook(authToken: string, url: string, params: WebhookParameters): string {
  return getExpectedTwilioSignature(authToken, url, mutableCopy(params));
}
