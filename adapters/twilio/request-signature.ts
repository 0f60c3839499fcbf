/**
 * Is this request really from Twilio? Webhooks and the stream's upgrade carry `X-Twilio-Signature`.
 * Source: Twilio, "Webhooks Security"; comparison and URL variants by twilio-node's validator.
 */
import { createHash } from 'node:crypto';
import { getExpectedTwilioSignature, validateRequest } from 'twilio/lib/webhooks/webhooks.js';

/** Form parameters as sent; a name sent several times has all its values. */
export type WebhookParameters = Readonly<Record<string, string | readonly string[]>>;

interface Signed {
  /** The account's auth tokens; during a rotation two are valid. An empty one, which anybody could sign with, is none. */
  readonly authTokens: readonly string[];
  readonly signature: string | undefined;
  /** The URL exactly as Twilio called it: public origin, path, query in its original order and encoding. */
  readonly url: string;
}

/** Never throws. Form posts give `params` (none for GET), JSON posts the bytes they came with as `rawBody`. */
export function isSignedWebhook(
  request: Signed & ({ readonly params: WebhookParameters } | { readonly rawBody: string | Uint8Array }),
): boolean {
  const params = 'params' in request ? mutableCopy(request.params) : {};
  const signed = isSigned(request, (authToken, signature, url) =>
    validateRequest(authToken, signature, url, params),
  );
  return signed && ('params' in request || isSignedBody(request.url, request.rawBody));
}

/** A JSON body is not signed itself: its hash is, as a part of the URL. */
function isSignedBody(url: string, rawBody: string | Uint8Array): boolean {
  const signedHash = new URL(url).searchParams.get('bodySHA256');
  return signedHash === createHash('sha256').update(rawBody).digest('hex');
}

/**
 * The upgrade is signed over the `wss://` URL without parameters. twilio-node takes 80 for the default port of
 * `wss`, so the form with `:443` is tried by its own. Never throws.
 */
export function isSignedUpgrade(request: Signed): boolean {
  return isSigned(request, (authToken, signature, url) =>
    urlForms(url).some((form) => validateRequest(authToken, signature, form, {})),
  );
}

/** Every token is tried, so that the time taken does not tell which one it was. */
function isSigned(
  { authTokens, signature, url }: Signed,
  check: (authToken: string, signature: string, url: string) => boolean,
): boolean {
  if (signature === undefined || signature === '' || !URL.canParse(url)) return false;
  // Twilio keeps a fragment (connection overrides) to itself: it is neither sent nor signed.
  const [signedUrl = ''] = url.split('#', 1);
  const usable = authTokens.filter((authToken) => authToken !== '');
  return usable.map((authToken) => check(authToken, signature, signedUrl)).includes(true);
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
