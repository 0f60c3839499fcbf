import { createHmac } from 'node:crypto';

export type Parameters = Readonly<Record<string, string>>;

/**
 * `X-Twilio-Signature`: HMAC-SHA1 over the URL and every parameter, sorted, name and value joined without separator.
 * Upgrades and GET requests have no parameters. Source: Twilio, "Webhooks Security".
 */
export function signatureOf(authToken: string, url: string, params: Parameters): string {
  const signed = Object.keys(params)
    .sort()
    .reduce((text, name) => `${text}${name}${params[name]}`, url);
  return createHmac('sha1', authToken).update(signed, 'utf8').digest('base64');
}
